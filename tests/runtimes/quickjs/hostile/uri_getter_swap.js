function handler(event) { var n = 0; return { get uri() { n++; for (var i = 0; ; i++) n += i; } }; }
