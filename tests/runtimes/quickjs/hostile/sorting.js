function handler(event) { var a = []; for (var i = 0; i < 20000; i++) a.push(i * 7919 % 20011); for (;;) a.slice().sort(); }
