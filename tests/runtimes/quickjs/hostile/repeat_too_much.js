function handler(event) { return 'a'.repeat(1073741823); }
