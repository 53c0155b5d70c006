function handler(event) { var s = 'x'.repeat(200000); for (;;) s = atob(btoa(s)); }
