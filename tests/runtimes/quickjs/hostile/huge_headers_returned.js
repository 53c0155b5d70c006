function handler(event) { var h = {}; for (var i = 0; i < 100000; i++) h['x-' + i] = { value: 'v' }; return { statusCode: 200, headers: h }; }
