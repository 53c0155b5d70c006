function handler(event) { var t = '[' + '1,'.repeat(20000) + '1]'; for (;;) JSON.parse(t, function (k, v) { return v; }); }
