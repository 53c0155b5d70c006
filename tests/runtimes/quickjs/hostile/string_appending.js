function handler(event) { var s = ''; for (;;) s += '0123456789'; }
