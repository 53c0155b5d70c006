function handler(event) { return String.fromCharCode.apply(null, { length: 4294967295 }); }
