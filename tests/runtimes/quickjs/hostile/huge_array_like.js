function handler(event) { return Array.prototype.indexOf.call({ length: 9007199254740991 }, 1); }
