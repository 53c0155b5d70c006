function handler(event) { var s = 'a'; for (;;) s = s.replace(/a/g, function () { return 'aa'; }); }
