function handler(event) { var f = function () { return f.apply(this, arguments); }; return f.apply(null, new Array(60000)); }
