function handler(event) { var o = {}; for (var i = 0; i < 90; i++) o = { a: o, b: i }; for (;;) JSON.stringify(o, null, 10); }
