function handler(event) { Object.prototype.toJSON = function () { for (;;); }; return { statusCode: 200 }; }
