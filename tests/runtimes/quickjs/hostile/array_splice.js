function handler(event) { var a = []; for (;;) a.splice(0, 0, 1, 2, 3, 4, 5, 6, 7, 8); }
