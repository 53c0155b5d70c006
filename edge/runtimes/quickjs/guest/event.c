// The event on its way in: JSON that the host wrote, so it is known to be well-formed, without spaces, and without a
// key twice in one object. Not having to check that makes this several times faster than JS_ParseJSON, to which strings
// with escapes are left. Sixteen characters are looked at together; the text may be read past its end. An event that is
// nested too deep for the stack ends the call.
//
// Most functions look at little of their event. So its objects are put off, but for the event itself, its request and
// its response: such a property knows where its text is, and the engine reads it when anybody asks for it, as it does
// with properties of its own (JS_PROP_AUTOINIT). What was put off until the end goes out as the text that it is.

#include <wasm_simd128.h>

#define MEMBERS 8  // room for so many properties, before an object has to grow
#define HEADERS 32

#define PUT_OFF_DEPTH 32 // objects in objects; deeper ones are read at once, while there is all of the stack

struct event_text {
    JSContext *ctx;
    char *at;
    int depth; // of objects; in one that was put off there is no putting off
};

// The shape of {value: ...}, of which an event mostly consists; and the names of its larger objects.
static JSShape *entry_shape;
static JSAtom headers_name, request_name, response_name, raw_query_name;

static JSValue read_value(struct event_text *text, int members);

// The end of the string that begins at `at`, with its quotes; and what is in it besides plain ASCII.
static char *string_end(char *at, bool *escapes, bool *wide) {
    const v128_t quote = wasm_i8x16_splat('"'), backslash = wasm_i8x16_splat('\\');
    for (char *p = at + 1;;) {
        v128_t chars = wasm_v128_load(p);
        uint32_t high = wasm_i8x16_bitmask(chars);
        uint32_t stops = wasm_i8x16_bitmask(wasm_v128_or(wasm_i8x16_eq(chars, quote), wasm_i8x16_eq(chars, backslash)));
        if (!stops) {
            *wide |= high != 0;
            p += 16;
            continue;
        }
        int before = __builtin_ctz(stops);
        *wide |= (high & ((1u << before) - 1)) != 0;
        p += before;
        if (*p == '"')
            return p + 1;
        *escapes = true;
        p += 2;
    }
}

// memcpy for short text: a call out of the guest costs more than the copy.
static void copy_text(uint8_t *to, const char *from, uint32_t length) {
    uint32_t i = 0;
    for (; i + 16 <= length; i += 16)
        wasm_v128_store(to + i, wasm_v128_load(from + i));
    for (; i + 4 <= length; i += 4)
        *(uint32_t __attribute__((aligned(1), may_alias)) *)(to + i) =
            *(const uint32_t __attribute__((aligned(1), may_alias)) *)(from + i);
    for (; i < length; i++)
        to[i] = from[i];
}

static JSValue plain_string(JSContext *ctx, const char *text, uint32_t length) {
    if (!length)
        return js_empty_string(ctx->rt);
    JSString *string = js_alloc_string(ctx, length, 0);
    copy_text(str8(string), text, length);
    str8(string)[length] = 0;
    return JS_MKPTR(JS_TAG_STRING, string);
}

static JSValue read_escaped(JSContext *ctx, char *at, char *end) {
    char after = *end;
    *end = 0;
    JSValue made = JS_ParseJSON(ctx, at, end - at, "event");
    *end = after;
    return made;
}

static JSValue read_string(struct event_text *text) {
    bool escapes = false, wide = false;
    char *at = text->at, *end = text->at = string_end(at, &escapes, &wide);
    if (escapes)
        return read_escaped(text->ctx, at, end);
    if (wide)
        return JS_NewStringLen(text->ctx, at + 1, end - at - 2);
    return plain_string(text->ctx, at + 1, end - at - 2);
}

static JSAtom read_key(struct event_text *text) {
    bool escapes = false, wide = false;
    char *at = text->at, *end = string_end(at, &escapes, &wide);
    if (escapes || wide)
        return JS_NewAtomStr(text->ctx, JS_VALUE_GET_STRING(read_string(text)));
    text->at = end;
    const char *name = at + 1;
    uint32_t length = end - at - 2;
    JSAtom known = __JS_FindAtom(text->ctx->rt, name, length, JS_ATOM_TYPE_STRING);
    if (known || !length || is_digit(*name))
        return known ? known : JS_NewAtomLen(text->ctx, name, length);
    return __JS_NewAtom(text->ctx->rt, JS_VALUE_GET_STRING(plain_string(text->ctx, name, length)), JS_ATOM_TYPE_STRING);
}

static JSValue read_number(struct event_text *text) {
    char *end = text->at;
    int32_t whole = 0;
    while (*end >= '0' && *end <= '9' && end - text->at < 9)
        whole = whole * 10 + *end++ - '0';
    if (*end != ',' && *end != '}' && *end != ']')
        return js_float64(strtod(text->at, &text->at));
    text->at = end;
    return js_int32(whole);
}

// {"value":"text"}, and nothing else in it; undefined when it is something else.
static JSValue read_entry(struct event_text *text) {
    typedef uint64_t eight_chars __attribute__((aligned(1), may_alias));
    static const char start[] = "{\"value\"";
    char *at = text->at;
    if (!entry_shape || *(eight_chars *)at != *(const eight_chars *)start || at[8] != ':' || at[9] != '"')
        return JS_UNDEFINED;
    bool escapes = false, wide = false;
    char *string = at + 9, *end = string_end(string, &escapes, &wide);
    if (escapes || wide || *end != '}')
        return JS_UNDEFINED;
    text->at = end + 1;
    JSProperty property = { .u.value = plain_string(text->ctx, string + 1, end - string - 2) };
    return JS_NewObjectFromShape(text->ctx, js_dup_shape(entry_shape), JS_CLASS_OBJECT, &property);
}

// The end of the object at `at`, NULL when it is nested too deep to be put off.
static char *object_end(char *at) {
    bool escapes, wide;
    for (int depth = 0;;) {
        if (*at == '"')
            at = string_end(at, &escapes, &wide);
        else if (*at == '{' || *at == '[') {
            if (++depth > PUT_OFF_DEPTH)
                return NULL;
            at++;
        } else if (*at == '}' || *at == ']') {
            at++;
            if (--depth == 0)
                return at;
        } else
            at++;
    }
}

// The length of a text that was put off takes the place of the four characters in front of it, which were read before.
typedef uint32_t text_length __attribute__((aligned(1), may_alias));

// Whether the value of `key` was put off; it stands behind its key, in the event or one level below.
static bool put_off(struct event_text *text, JSObject *object, JSAtom key) {
    char *at = text->at;
    if (*at != '{' || text->depth > 2 || (text->depth == 1 && (key == request_name || key == response_name)))
        return false;
    char *end = object_end(at);
    if (!end)
        return false;
    JSProperty *property = add_property(text->ctx, object, key, JS_PROP_C_W_E | JS_PROP_AUTOINIT);
    property->u.init.realm_and_id = (uintptr_t)JS_DupContext(text->ctx) | JS_AUTOINIT_ID_BYTECODE;
    property->u.init.opaque = at;
    ((text_length *)at)[-1] = end - at;
    text->at = end;
    return true;
}

// The text of a property that was put off, NULL when it is another one that the engine makes later.
static const char *text_put_off(const JSProperty *property, uint32_t *length) {
    const char *at = property->u.init.opaque;
    if (js_autoinit_get_id((JSProperty *)property) != JS_AUTOINIT_ID_BYTECODE || !IS_TEXT_PUT_OFF(at))
        return NULL;
    *length = ((const text_length *)at)[-1];
    return at;
}

// However deep the function is that asks: reading has its own bound, and half of the stack is not the function's.
static JSValue read_put_off(JSContext *ctx, char *at) {
    struct event_text text = { ctx, at, PUT_OFF_DEPTH };
    uintptr_t limit = ctx->rt->stack_limit;
    ctx->rt->stack_limit = 0;
    JSValue value = read_value(&text, HEADERS);
    ctx->rt->stack_limit = limit;
    return value;
}

static JSValue read_object(struct event_text *text, int members) {
    JSValue entry = read_entry(text);
    if (!JS_IsUndefined(entry))
        return entry;
    JSContext *ctx = text->ctx;
    JSValue object = JS_NewObjectProtoClassAlloc(ctx, ctx->class_proto[JS_CLASS_OBJECT], JS_CLASS_OBJECT, members);
    text->depth++;
    while (*text->at++ != '}') { // past the brace, a comma, or the end
        if (*text->at == '}')
            continue;
        JSAtom key = read_key(text);
        text->at++; // the colon
        if (!put_off(text, JS_VALUE_GET_OBJ(object), key)) {
            JSValue value = read_value(text, key == headers_name ? HEADERS : MEMBERS);
            add_property(text->ctx, JS_VALUE_GET_OBJ(object), key, JS_PROP_C_W_E)->u.value = value;
        }
        JS_FreeAtom(text->ctx, key);
    }
    text->depth--;
    return object;
}

static JSValue read_array(struct event_text *text) {
    JSValue array = JS_NewArray(text->ctx);
    for (uint32_t i = 0; *text->at++ != ']'; i++)
        if (*text->at != ']')
            JS_DefinePropertyValueUint32(text->ctx, array, i, read_value(text, MEMBERS), JS_PROP_C_W_E);
    return array;
}

static JSValue read_word(struct event_text *text) {
    char first = *text->at;
    text->at += first == 'f' ? 5 : 4;
    return first == 'n' ? JS_NULL : JS_NewBool(text->ctx, first == 't');
}

static JSValue read_value(struct event_text *text, int members) {
    if (js_check_stack_overflow(text->ctx->rt, 0))
        __builtin_trap();
    switch (*text->at) {
    case '{': return read_object(text, members);
    case '[': return read_array(text);
    case '"': return read_string(text);
    case 'f':
    case 'n':
    case 't': return read_word(text);
    default: return read_number(text);
    }
}

static JSValue read_event(JSContext *ctx, char *json) {
    struct event_text text = { ctx, json, 0 };
    return read_value(&text, MEMBERS);
}

// What most events have, read once while nothing of a call is there: its names and shapes need not be made again. The
// input is free for it.
static void know_events(JSContext *ctx, char *text) {
    static const char usual[] =
        "{\"version\":\"1.0\",\"context\":{\"distributionDomainName\":\"\",\"distributionId\":\"\",\"eventType\":\"\","
        "\"requestId\":\"\"},\"viewer\":{\"ip\":\"\"},\"request\":{\"method\":\"\",\"uri\":\"\",\"querystring\":{},\"headers\":{"
        "\"host\":0,\"user-agent\":0,\"accept\":0,\"accept-encoding\":0,\"accept-language\":0,\"referer\":0,"
        "\"sec-fetch-dest\":0,\"sec-fetch-mode\":0,\"sec-fetch-site\":0,\"if-none-match\":0,\"authorization\":0,"
        "\"origin\":0,\"x-forwarded-for\":0,\"via\":0,\"content-length\":0},\"cookies\":{}},"
        "\"response\":{\"statusCode\":200,\"statusDescription\":\"OK\",\"headers\":{\"content-type\":0,\"content-encoding\":0,"
        "\"cache-control\":0,\"etag\":0,\"last-modified\":0,\"date\":0,\"server\":0,\"vary\":0,\"location\":0},"
        "\"cookies\":{}},\"value\":0,\"multiValue\":0,\"attributes\":0}                ";
    headers_name = JS_NewAtom(ctx, "headers");
    request_name = JS_NewAtom(ctx, "request");
    response_name = JS_NewAtom(ctx, "response");
    raw_query_name = JS_NewAtom(ctx, "rawQueryString");
    // One event for its shapes, and one of which all is read for its names. Both stay.
    memcpy(text, usual, sizeof usual);
    read_event(ctx, text);
    memcpy(text, usual, sizeof usual);
    JS_JSONStringify(ctx, read_event(ctx, text), JS_UNDEFINED, JS_UNDEFINED);
    // Made as a function makes it: the engine knows this shape to be shared, which that of a read_object is not.
    JSValue entry = JS_NewObject(ctx);
    JS_DefinePropertyValueStr(ctx, entry, "value", js_empty_string(ctx->rt), JS_PROP_C_W_E);
    entry_shape = js_dup_shape(JS_VALUE_GET_OBJ(entry)->shape);
}
