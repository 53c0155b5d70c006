function handler(event) { var a = { length: 9007199254740991 }; return Array.prototype.copyWithin.call(a, 0, 1); }
