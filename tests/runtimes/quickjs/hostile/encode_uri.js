function handler(event) { var s = '\u20ac'.repeat(100000); for (;;) encodeURIComponent(s); }
