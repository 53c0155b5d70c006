function handler(event) { var s = '%41'.repeat(50000); for (;;) decodeURIComponent(s); }
