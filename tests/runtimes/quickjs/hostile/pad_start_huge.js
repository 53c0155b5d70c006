function handler(event) { return 'a'.padStart(2147483647, 'xyz'); }
