// The guest: QuickJS-ng inside WebAssembly, as one sealed box that runs a CloudFront Function.
//
// The host calls it in five steps, and keeps a copy of its memory after init, load and begin:
//   compile  makes bytecode of the prelude, and is then forgotten: so a compiler's leftovers are not copied later;
//   init     evaluates that, which makes the globals and modules of one runtime;
//   load     compiles one function, without running any of it;
//   begin    runs the top level of the function, for all calls to come, unless it asks what only a call knows;
//   call     runs the function: its top level, where begin did not, then handler(event), then pending promises.
// Before each call the host writes the copy back, so that nothing is left of the call before. It may therefore stop
// a call anywhere, and memory is never freed here.
//
// The box has no clock, no chance, no files: what a call knows is in `question` and in the input area, what came of
// it is in `report`. The one import that the host answers is read_store, for cf.kvs(); the file functions that the C
// library imports for printing are traps. Limits do not throw, they trap: no function can catch its own end. Time is
// the host's fuel; memory is `allowed_bytes` above what is in use after load.

#define INPUT_BYTES (256 * 1024)
#define IS_TEXT_PUT_OFF(at) ((char *)(at) >= (char *)AREAS_ADDRESS && (char *)(at) < (char *)AREAS_ADDRESS + INPUT_BYTES * 2)

#include "quickjs.c"
#include "memory.c"
#include "hashes.c"
#include "codecs.c"
#include "event.c"
#include "result.c"

#define EXPORT(name) __attribute__((export_name(#name)))
#define ANSWER_BYTES (64 * 1024)
#define LOG_BYTES (50 * 1024) // the longest log, 10 KB, in lines of one byte
#define STACK_BYTES (128 * 1024)
#define UNHANDLED_MAX 32
#define WHERE_MAX 10

enum status { RUNNING, RETURNED, THREW, NO_HANDLER, NEVER_SETTLED };

struct question {
    double now_ms;
    uint64_t seed;
    uint32_t event_length;
    int32_t raw_query_length; // -1: the URL had no `?`
    int32_t store_length;     // -1: the function has no key value store
    uint32_t viewer_request;
    uint32_t allowed_bytes;
    uint32_t log_limit;
};

struct report {
    uint32_t status;
    const char *value, *error, *stack, *origin, *data;
    uint32_t value_length, error_length, stack_length, origin_length, data_length;
    uint32_t log_length;
    const char *highest;   // how far the heap has reached
    uint32_t memory_bytes; // at most, above what was in use after load
};

// These areas lie below the memory that the host restores (see the linker's --global-base). For a call the input is the
// event as JSON, the raw query and the store's name, each with a NUL behind it; the output takes the result. The log
// holds lines, each with its length in four bytes in front.
struct areas {
    struct question question;
    struct report report;
    char input[INPUT_BYTES], output[INPUT_BYTES], answer[ANSWER_BYTES], logged[LOG_BYTES];
};
_Static_assert(AREAS_ADDRESS + sizeof(struct areas) <= 1024 * 1024, "the areas end below the engine's data");
static struct question *const question = &((struct areas *)AREAS_ADDRESS)->question;
static struct report *const report = &((struct areas *)AREAS_ADDRESS)->report;
static char *const input = ((struct areas *)AREAS_ADDRESS)->input;
static char *const output = ((struct areas *)AREAS_ADDRESS)->output;
static char *const answer = ((struct areas *)AREAS_ADDRESS)->answer;
static char *const logged = ((struct areas *)AREAS_ADDRESS)->logged;

static JSRuntime *runtime;
static JSContext *context;
static JSValue modules = JS_UNDEFINED, raw_query = JS_UNDEFINED, program = JS_UNDEFINED, origin = JS_UNDEFINED,
               log_data = JS_UNDEFINED;
static uint32_t loaded_bytes, log_used;
static struct { void *promise; JSValue reason; } unhandled[UNHANDLED_MAX];
static int unhandled_count;
static bool in_handler;
static bool asked; // whether anything was asked that is another thing in another call
static bool begun; // whether the top level ran in begin
static JSValue handler = JS_UNDEFINED; // as the top level left it

EXPORT(question) void *question_address(void) { return question; }
EXPORT(report) void *report_address(void) { return report; }
EXPORT(heap) void *heap_address(void) { return &heap; }
EXPORT(input) void *input_address(void) { return input; }
EXPORT(answer) void *answer_address(void) { return answer; }
EXPORT(logged) void *logged_address(void) { return logged; }

__attribute__((import_module("edge"), import_name("read_store")))
extern int32_t read_store(int32_t kind, const char *key, uint32_t key_length);

// ---- Time: the call's, whoever asks. ----

int gettimeofday(struct timeval *restrict out, void *restrict zone) {
    asked = true;
    out->tv_sec = (time_t)(question->now_ms / 1000);
    out->tv_usec = (suseconds_t)((question->now_ms - (double)out->tv_sec * 1000) * 1000);
    return 0;
}

int clock_gettime(clockid_t clock, struct timespec *out) {
    struct timeval now;
    gettimeofday(&now, NULL);
    *out = (struct timespec){ now.tv_sec, now.tv_usec * 1000 };
    return 0;
}

// ---- What the prelude gets from here. ----

static JSValue throw_unsupported_encoding(JSContext *ctx, JSValueConst name) {
    if (!JS_IsString(name))
        return JS_ThrowTypeError(ctx, "encoding must be a string");
    return JS_ThrowTypeError(ctx, "\"%s\" encoding is not supported", JS_ToCString(ctx, name));
}

static JSValue js_encode(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
    int encoding = encoding_by_name(ctx, argv[1]);
    if (encoding == NO_ENCODING)
        return throw_unsupported_encoding(ctx, argv[1]);
    size_t length;
    const char *text = JS_ToCStringLen(ctx, &length, argv[0]);
    if (!text)
        return JS_EXCEPTION;
    uint8_t *bytes = js_malloc(ctx, length + 1);
    JSValue made = JS_NewUint8ArrayCopy(ctx, bytes, encode(encoding, text, length, bytes));
    js_free(ctx, bytes);
    JS_FreeCString(ctx, text);
    return made;
}

static JSValue js_decode(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
    int encoding = encoding_by_name(ctx, argv[1]);
    if (encoding == NO_ENCODING)
        return throw_unsupported_encoding(ctx, argv[1]);
    size_t length;
    const uint8_t *bytes = JS_GetUint8Array(ctx, &length, argv[0]);
    if (!bytes && length)
        return JS_EXCEPTION;
    char *text = js_malloc(ctx, decoded_max(encoding, length) + 1);
    bool valid = true;
    size_t size = decode(encoding, bytes, length, text, &valid);
    JSValue made = !valid && JS_ToBool(ctx, argv[2]) ? JS_NULL : JS_NewStringLen(ctx, text, size);
    js_free(ctx, text);
    return made;
}

// byteString(array): text with one character for each number. byteValues(text): the way back, null when there is none.
static JSValue js_byte_string(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
    size_t length;
    const uint8_t *bytes = JS_GetUint8Array(ctx, &length, argv[0]);
    return bytes || !length ? js_new_string8_len(ctx, (const char *)bytes, length) : JS_EXCEPTION;
}

static JSValue js_byte_values(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
    JSValue text = JS_ToString(ctx, argv[0]);
    if (JS_VALUE_GET_TAG(text) == JS_TAG_STRING_ROPE)
        text = js_linearize_string_rope(ctx, text);
    if (JS_IsException(text))
        return text;
    JSString *string = JS_VALUE_GET_STRING(text);
    uint8_t *bytes = js_malloc(ctx, string->len + 1);
    for (uint32_t i = 0; i < string->len; i++) {
        if (string_get(string, i) > 255)
            return JS_NULL;
        bytes[i] = string_get(string, i);
    }
    JSValue made = JS_NewUint8ArrayCopy(ctx, bytes, string->len);
    js_free(ctx, bytes);
    JS_FreeValue(ctx, text);
    return made;
}

// hash(name, bytes): the digest, or undefined when there is no such algorithm.
static JSValue js_hash(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
    const char *name = JS_ToCString(ctx, argv[0]);
    if (!name)
        return JS_EXCEPTION;
    const struct hash *algorithm = hash_by_name(name);
    JS_FreeCString(ctx, name);
    if (!algorithm)
        return JS_UNDEFINED;
    size_t length;
    const uint8_t *bytes = JS_GetUint8Array(ctx, &length, argv[1]);
    if (!bytes && length)
        return JS_EXCEPTION;
    uint8_t digest[32];
    hash(algorithm, bytes, length, digest);
    return JS_NewUint8ArrayCopy(ctx, digest, algorithm->words * 4);
}

static JSValue js_log(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
    asked = true;
    size_t length;
    const char *line = JS_ToCStringLen(ctx, &length, argv[0]);
    if (!line)
        return JS_EXCEPTION;
    uint32_t left = question->log_limit - log_used;
    uint32_t kept = length < left ? length : left;
    if (left && report->log_length + 4 + kept <= LOG_BYTES) {
        memcpy(logged + report->log_length, &kept, 4);
        memcpy(logged + report->log_length + 4, line, kept);
        report->log_length += 4 + kept;
        log_used += kept;
    }
    JS_FreeCString(ctx, line);
    return JS_UNDEFINED;
}

// readStore(kind, key): the answer as text, null when there is none. A kind is known by its first letter.
static JSValue js_read_store(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
    size_t length;
    const char *kind = JS_ToCString(ctx, argv[0]), *key = JS_ToCStringLen(ctx, &length, argv[1]);
    if (!kind || !key)
        return JS_EXCEPTION;
    asked = true;
    int32_t size = read_store(kind[0], key, length);
    return size < 0 ? JS_NULL : JS_NewStringLen(ctx, answer, size);
}

static JSValue js_store(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
    asked = true;
    if (question->store_length < 0)
        return JS_NULL;
    const char *raw = input + question->event_length + 1;
    int32_t before = question->raw_query_length < 0 ? 0 : question->raw_query_length;
    return JS_NewStringLen(ctx, raw + before + 1, question->store_length);
}

static JSValue js_is_viewer_request(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
    asked = true;
    return JS_NewBool(ctx, question->viewer_request);
}

static JSValue js_in_handler(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
    return JS_NewBool(ctx, in_handler);
}

static JSValue js_record_origin(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
    JS_FreeValue(ctx, origin);
    origin = JS_DupValue(ctx, argv[0]);
    return JS_UNDEFINED;
}

// recordData(text): what cf.logCustomData was given last.
static JSValue js_record_data(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
    JS_FreeValue(ctx, log_data);
    log_data = JS_DupValue(ctx, argv[0]);
    return JS_UNDEFINED;
}

static JSValue js_raw_query(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
    if (question->raw_query_length < 0)
        return JS_UNDEFINED;
    return JS_NewStringLen(ctx, input + question->event_length + 1, question->raw_query_length);
}

static const JSCFunctionListEntry guest_functions[] = {
    JS_CFUNC_DEF("encode", 2, js_encode),
    JS_CFUNC_DEF("decode", 3, js_decode),
    JS_CFUNC_DEF("byteString", 1, js_byte_string),
    JS_CFUNC_DEF("byteValues", 1, js_byte_values),
    JS_CFUNC_DEF("hash", 2, js_hash),
    JS_CFUNC_DEF("log", 1, js_log),
    JS_CFUNC_DEF("readStore", 2, js_read_store),
    JS_CFUNC_DEF("store", 0, js_store),
    JS_CFUNC_DEF("isViewerRequest", 0, js_is_viewer_request),
    JS_CFUNC_DEF("inHandler", 0, js_in_handler),
    JS_CFUNC_DEF("recordOrigin", 1, js_record_origin),
    JS_CFUNC_DEF("recordData", 1, js_record_data),
};

// ---- Modules: the default exports that the prelude made. ----

static int give_default(JSContext *ctx, JSModuleDef *module) {
    JSAtom name = JS_GetModuleName(ctx, module);
    return JS_SetModuleExport(ctx, module, "default", JS_GetProperty(ctx, modules, name));
}

static JSModuleDef *find_module(JSContext *ctx, const char *name, void *opaque) {
    JSAtom atom = JS_NewAtom(ctx, name);
    int found = JS_GetOwnProperty(ctx, NULL, modules, atom);
    if (found <= 0) {
        JS_ThrowPlainError(ctx, "Cannot find module \"%s\"", name);
        return NULL;
    }
    JSModuleDef *module = JS_NewCModule(ctx, name, give_default);
    if (module)
        JS_AddModuleExport(ctx, module, "default");
    return module;
}

static char *keep_module_name(JSContext *ctx, const char *base, const char *name, void *opaque) {
    return js_strdup(ctx, name);
}

// ---- The outcome of a call. ----

static void track_rejection(JSContext *ctx, JSValueConst promise, JSValueConst reason, bool handled, void *opaque) {
    void *object = JS_VALUE_GET_PTR(promise);
    if (!handled && unhandled_count < UNHANDLED_MAX) {
        unhandled[unhandled_count].promise = object;
        unhandled[unhandled_count++].reason = JS_DupValue(ctx, reason);
    }
    for (int i = 0; handled && i < unhandled_count; i++)
        if (unhandled[i].promise == object)
            unhandled[i] = unhandled[--unhandled_count];
}

static const char *text_of(JSValueConst value, uint32_t *length) {
    size_t size = 0;
    const char *text = JS_ToCStringLen(context, &size, value);
    if (!text)
        JS_FreeValue(context, JS_GetException(context));
    *length = size;
    return text;
}

static void threw(JSValueConst error) {
    report->status = THREW;
    if (JS_IsError(error))
        report->stack = text_of(JS_GetPropertyStr(context, error, "stack"), &report->stack_length);
    report->error = text_of(error, &report->error_length);
}

static void threw_pending(void) { threw(JS_GetException(context)); }

static bool run_jobs(void) {
    JSContext *ctx;
    int state;
    while ((state = JS_ExecutePendingJob(runtime, &ctx)) > 0)
        ;
    if (state < 0)
        threw_pending();
    return state == 0;
}

static bool nothing_unhandled(JSValueConst handled) {
    for (int i = 0; i < unhandled_count; i++) {
        if (JS_IsObject(handled) && unhandled[i].promise == JS_VALUE_GET_PTR(handled))
            continue;
        static const char words[] = "Error: unhandled promise rejection: ";
        threw(unhandled[i].reason);
        char *text = js_malloc(context, sizeof words + report->error_length);
        memcpy(text, words, sizeof words - 1);
        memcpy(text + sizeof words - 1, report->error, report->error_length);
        report->error = text;
        report->error_length += sizeof words - 1;
        return false;
    }
    return true;
}

static bool json_of(JSValueConst value, const char **text, uint32_t *length) {
    JSValue json = JS_JSONStringify(context, value, JS_UNDEFINED, JS_UNDEFINED);
    if (JS_IsException(json)) {
        threw_pending();
        return false;
    }
    if (!JS_IsUndefined(json))
        *text = text_of(json, length);
    return true;
}

static void returned(JSValueConst value) {
    if (!JS_IsUndefined(origin) && !json_of(origin, &report->origin, &report->origin_length))
        return;
    if (!JS_IsUndefined(log_data))
        report->data = text_of(log_data, &report->data_length);
    if (write_result(context, value, output, INPUT_BYTES, &report->value_length))
        report->value = output;
    else if (!json_of(value, &report->value, &report->value_length))
        return;
    report->status = RETURNED;
}

static uint64_t first_random(void) { return question->seed * 2 + 1; } // never zero

// The top level ran when the promise of the module is fulfilled: it has no await of its own.
static bool run_top_level(void) {
    context->random_state = first_random();
    JSModuleDef *module = JS_VALUE_GET_PTR(program);
    JSValue promise = JS_EvalFunction(context, JS_DupValue(context, program));
    if (JS_IsException(promise))
        threw_pending();
    else if (JS_PromiseState(context, promise) == JS_PROMISE_REJECTED)
        threw(JS_PromiseResult(context, promise));
    else
        handler = JS_GetPropertyStr(context, JS_GetModuleNamespace(context, module), "default");
    return report->status != THREW;
}

static JSValue event_with_query(void) {
    JSValue event = read_event(context, input);
    if (JS_IsUndefined(raw_query) || !JS_IsObject(event))
        return event;
    JSValue request = JS_GetProperty(context, event, request_name);
    if (JS_IsObject(request))
        JS_DefinePropertyValue(context, request, raw_query_name, raw_query, JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE);
    return event;
}

// ---- What the host calls. ----

static void open_report(void) { *report = (struct report){ RUNNING }; }

static void close_report(void) {
    report->highest = heap.highest;
    report->memory_bytes = heap.most - loaded_bytes;
}

static void start(void) {
    heap_start();
    runtime = JS_NewRuntime2(&heap_functions, NULL);
    JS_SetMaxStackSize(runtime, STACK_BYTES);
    JS_SetModuleLoaderFunc(runtime, keep_module_name, find_module, NULL);
    JS_SetHostPromiseRejectionTracker(runtime, track_rejection, NULL);
    context = JS_NewContextRaw(runtime);
    JS_AddIntrinsicBaseObjects(context);
    JS_AddIntrinsicDate(context);
    JS_AddIntrinsicEval(context);
    JS_AddIntrinsicRegExp(context);
    JS_AddIntrinsicJSON(context);
    JS_AddIntrinsicTypedArrays(context);
    JS_AddIntrinsicPromise(context);
}

static bool returned_or_threw(JSValueConst made) {
    if (JS_IsException(made))
        threw_pending();
    else
        report->status = RETURNED;
    return report->status == RETURNED;
}

// The bytecode is at report.value.
EXPORT(compile) void compile(uint32_t prelude_length) {
    open_report();
    start();
    int flags = JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_STRICT | JS_EVAL_FLAG_COMPILE_ONLY;
    JSValue prelude = JS_Eval(context, input, prelude_length, "edge:prelude", flags);
    if (returned_or_threw(prelude)) {
        size_t length;
        int parts = JS_WRITE_OBJ_BYTECODE | JS_WRITE_OBJ_STRIP_SOURCE | JS_WRITE_OBJ_STRIP_DEBUG;
        report->value = (const char *)JS_WriteObject(context, &length, prelude, parts);
        report->value_length = length;
    }
    close_report();
}

EXPORT(init) void init(uint32_t bytecode_length, int modern) {
    open_report();
    start();
    if (modern)
        raw_query = JS_NewCFunction(context, js_raw_query, "rawQueryString", 0);

    JSValue program = JS_ReadObject(context, (uint8_t *)input, bytecode_length, JS_READ_OBJ_BYTECODE);
    JSValue prelude = JS_EvalFunction(context, program);
    JSValue guest = JS_NewObject(context);
    know_events(context, input);
    JS_SetPropertyFunctionList(context, guest, guest_functions, countof(guest_functions));
    modules = JS_IsException(prelude) ? prelude : JS_Call(context, prelude, JS_UNDEFINED, 1, &guest);
    returned_or_threw(modules);
    JS_RunGC(runtime);
    close_report();
}

EXPORT(load) void load(uint32_t source_length) {
    open_report();
    program = JS_Eval(context, input, source_length, "function.js", JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
    returned_or_threw(program);
    context->eval_internal = NULL; // from here on nothing turns text into code
    JS_RunGC(runtime);
    JS_SetGCThreshold(runtime, runtime->malloc_state.malloc_size + 1024 * 1024);
    loaded_bytes = heap.most = heap.used;
    close_report();
}

// RETURNED says that calls may go on from here. The limits are those of a call.
EXPORT(begin) void begin(void) {
    open_report();
    heap.limit = loaded_bytes + question->allowed_bytes;
    asked = false;
    if (run_top_level() && !asked && context->random_state == first_random()) {
        begun = true;
        report->status = RETURNED;
    }
    close_report();
}

static void run_handler(void) {
    JSValue event = event_with_query();
    if (begun)
        context->random_state = first_random();
    else if (!run_top_level())
        return;
    if (!JS_IsFunction(context, handler)) {
        report->status = NO_HANDLER;
        return;
    }
    in_handler = true;
    JSValue result = JS_Call(context, handler, JS_UNDEFINED, 1, &event);
    if (JS_IsException(result)) {
        threw_pending();
        return;
    }
    int state = JS_PromiseState(context, result);
    if (!run_jobs() || !nothing_unhandled(result))
        return;
    if (state >= 0)
        state = JS_PromiseState(context, result);
    if (state == JS_PROMISE_PENDING)
        report->status = NEVER_SETTLED;
    else if (state == JS_PROMISE_REJECTED)
        threw(JS_PromiseResult(context, result));
    else
        returned(state == JS_PROMISE_FULFILLED ? JS_PromiseResult(context, result) : result);
}

EXPORT(call) void call(void) {
    open_report();
    heap.limit = loaded_bytes + question->allowed_bytes;
    run_handler();
    close_report();
}

// After call was stopped: where the user's code was, as lines of Error.stack, at `answer`. The frames are still on the
// C stack, below which this runs. Answers the length.
EXPORT(where) int where(void) {
    char *at = answer, *end = answer + ANSWER_BYTES;
    heap.limit = 0;
    int frames = 0;
    for (JSStackFrame *frame = runtime->current_stack_frame; frame && frames < WHERE_MAX; frame = frame->prev_frame) {
        JSObject *function = JS_VALUE_GET_OBJ(frame->cur_func);
        if (!js_class_has_bytecode(function->class_id))
            continue;
        JSFunctionBytecode *code = function->u.func.function_bytecode;
        const char *name = get_func_name(context, frame->cur_func);
        char file[32];
        int column, line = find_line_num(context, code, frame->cur_pc ? frame->cur_pc - code->byte_code_buf - 1 : 0, &column);
        JS_AtomGetStr(context, file, sizeof file, code->filename);
        at += snprintf(at, end - at, "    at %.80s (%s:%d:%d)\n", name && *name ? name : "<anonymous>", file, line, column);
        frames++;
    }
    return at - answer;
}
