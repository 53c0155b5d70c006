function handler(event) { var o = { toString: function () { return '' + o; } }; return { statusCode: 200, body: '' + o }; }
