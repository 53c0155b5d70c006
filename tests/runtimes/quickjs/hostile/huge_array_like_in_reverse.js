function handler(event) { return Array.prototype.reverse.call({ length: 9007199254740991 }); }
