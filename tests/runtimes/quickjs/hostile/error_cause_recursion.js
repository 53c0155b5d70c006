function handler(event) { function E() { } E.prototype = new Error('x'); E.prototype.toString = function () { return String(this); }; throw new E(); }
