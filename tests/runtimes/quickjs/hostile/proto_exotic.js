function handler(event) { var a = []; Object.setPrototypeOf(a, { get 0() { for (;;); } }); a.length = 1; return { statusCode: 200, headers: a, body: a.join() }; }
