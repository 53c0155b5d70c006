function handler(event) { return Buffer.from({ length: 4294967295 }).length; }
