function handler(event) { var a = []; for (var i = 0; i < 1000; i++) a.push(a.slice(-1)); for (;;) a = [a, a]; }
