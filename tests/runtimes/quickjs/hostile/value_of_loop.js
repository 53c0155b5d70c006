function handler(event) { var o = { valueOf: function () { while (true) { } } }; return { statusCode: o + 1 }; }
