function handler(event) { return Math.max.apply(null, { length: 1000000 }); }
