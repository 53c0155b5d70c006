function handler(event) { for (;;); }
