function handler(event) { var o = { get a() { return o.a; } }; return o.a; }
