function handler(event) { var a = []; for (var i = 0; i < 5000; i++) a.push({ i: i }); for (;;) JSON.stringify(a); }
