function handler(event) { return Array.prototype.unshift.call({ length: 9007199254740990 }, 1); }
