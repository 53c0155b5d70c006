function handler(event) { var a = []; for (var i = 0; i < 60000; i++) a.push(i); for (;;) Math.max.apply(null, a), Math.hypot.apply(null, a); }
