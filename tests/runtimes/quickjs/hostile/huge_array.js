function handler(event) { return new Array(10000000).fill(1); }
