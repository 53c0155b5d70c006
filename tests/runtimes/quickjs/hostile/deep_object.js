function handler(event) { var o = {}; for (var i = 0; i < 100000; i++) o = { o: o }; return JSON.stringify(o); }
