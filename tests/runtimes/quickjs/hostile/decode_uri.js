function handler(event) { var s = '%e2%82%ac'.repeat(50000); for (;;) decodeURIComponent(s); }
