/* The JSON of a run. The keys are a contract (README, section "JSON"): keys may be added beside
 * them, never renamed or removed. Numbers that do not exist (an unlimited lifetime) are null. */
#include "report.h"
#include "report_check.h"
#include "report_format.h"
#include "report_json_life.h"
#include "report_maker.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Values of an output tensor are listed up to this many; all bytes are in --output's file. */
#define MAX_VALUES 4096

static double ratio(double a, double b)
{
    return b > 0.0 ? a / b : NAN;
}

static json_t *target_object(struct report_maker *m, const struct report_run *run)
{
    json_t *o = maker_object(m);
    maker_text(m, o, "path", run->target_path);
    maker_text(m, o, "kind", run->target_kind);
    maker_text(m, o, "sha256", run->target_sha256);
    maker_text(m, o, "name", run->model_name);
    return o;
}

static json_t *mcu_object(struct report_maker *m, const struct report_run *run)
{
    json_t *o = maker_object(m);
    maker_text(m, o, "name", run->profile.chip);
    maker_text(m, o, "core", run->profile.core);
    maker_real(m, o, "clock_hz", run->profile.clock_hz);
    maker_real(m, o, "vdd_v", run->energy.vdd_v);
    maker_text(m, o, "voltage_range", run->profile.voltage_range);
    maker_text(m, o, "regulator", run->energy.regulator);
    maker_text(m, o, "description", run->mcu_description);
    maker_text(m, o, "timing", run->profile.timing_note);
    return o;
}

static json_t *energy_parts(struct report_maker *m, const struct report_run *run)
{
    json_t *o = maker_object(m);
    for (int i = 0; i < ENERGY_PART_COUNT; i++)
        maker_real(m, o, energy_part_name((enum energy_part)i), run->energy.parts_uj[i]);
    return o;
}

static json_t *stall_object(struct report_maker *m, const struct sim_counts *c)
{
    json_t *o = maker_object(m);
    maker_count(m, o, "fetch", c->fetch_stall_cycles);
    maker_count(m, o, "data", c->data_stall_cycles);
    return o;
}

static json_t *access_object(struct report_maker *m, const struct sim_counts *c)
{
    static const struct sim_accesses none;
    json_t *o = maker_object(m);
    for (int i = 0; i < SIM_REGION_COUNT; i++) {
        const struct sim_accesses *a = &c->regions[i];
        if (memcmp(a, &none, sizeof none) == 0)
            continue;
        json_t *region = maker_object(m);
        maker_count(m, region, "reads", a->reads);
        maker_count(m, region, "writes", a->writes);
        maker_count(m, region, "read_bytes", a->read_bytes);
        maker_count(m, region, "write_bytes", a->write_bytes);
        maker_count(m, region, "fetch_bytes", a->fetch_bytes);
        maker_count(m, region, "line_reads", a->line_reads);
        maker_put(m, o, sim_region_name((enum sim_region_kind)i), region);
    }
    return o;
}

static json_t *class_object(struct report_maker *m, const struct sim_counts *c)
{
    json_t *o = maker_object(m);
    for (int i = 0; i < SIM_CLASS_COUNT; i++)
        maker_count(m, o, sim_class_name((enum sim_class)i), c->classes[i]);
    return o;
}

static json_t *cause_object(struct report_maker *m, const uint64_t *causes)
{
    json_t *o = maker_object(m);
    for (int i = 0; i < SIM_CAUSE_COUNT; i++)
        maker_count(m, o, sim_cause_name((enum sim_cause)i), causes[i]);
    return o;
}

/* null for a run of a version that did not count them. */
static void put_causes(struct report_maker *m, json_t *o, const struct report_run *run,
                       const struct sim_counts *c)
{
    int known = sim_profile_has_causes(&run->profile);
    maker_put(m, o, "causes", known ? cause_object(m, c->causes) : json_null());
}

static void put_events(struct report_maker *m, json_t *o, const struct report_run *run,
                       const struct sim_counts *c)
{
    int known = sim_profile_has_causes(&run->profile);
    const struct {
        const char *key;
        uint64_t value;
    } events[] = {{"overlapped_loads", c->overlapped_loads},
                  {"paired", c->paired},
                  {"exceptions", c->exceptions}};
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        maker_put(m, o, events[i].key,
                  known ? json_integer((json_int_t)events[i].value) : json_null());
}

/* Everything that no operator is charged for, so that layers plus this is the inference. */
static json_t *outside_object(struct report_maker *m, const struct report_run *run)
{
    json_t *o = maker_object(m);
    uint64_t instructions = 0, cycles = 0;
    double energy_uj = 0.0;
    for (uint32_t i = 0; i < run->profile.scope_count; i++) {
        if (run->profile.scopes[i].id >= 0)
            continue;
        instructions += run->profile.scopes[i].counts.instructions;
        cycles += run->profile.scopes[i].counts.cycles;
        energy_uj += run->energy.scope_uj[i].p50;
    }
    maker_count(m, o, "instructions", instructions);
    maker_count(m, o, "cycles", cycles);
    maker_real(m, o, "energy_uj", energy_uj);
    return o;
}

static json_t *inference_object(struct report_maker *m, const struct report_run *run)
{
    const struct sim_counts *c = &run->profile.total;
    json_t *o = maker_object(m);
    maker_count(m, o, "instructions", c->instructions);
    maker_count(m, o, "cycles", c->cycles);
    maker_real(m, o, "cpi", ratio((double)c->cycles, (double)c->instructions));
    maker_real(m, o, "latency_ms", run->energy.latency_s * 1e3);
    maker_known(m, o, "latency_ms_p10", run->energy.latency_p10_s * 1e3);
    maker_known(m, o, "latency_ms_p90", run->energy.latency_p90_s * 1e3);
    maker_known(m, o, "cycles_rsd", run->profile.cycles_rsd);
    maker_count(m, o, "macs", run->macs);
    maker_real(m, o, "cycles_per_mac", ratio((double)c->cycles, (double)run->macs));
    maker_interval(m, o, "energy_uj", &run->energy.total_uj);
    maker_put(m, o, "energy_parts_uj", energy_parts(m, run));
    maker_real(m, o, "energy_rsd", run->energy.total_rsd);
    maker_put(m, o, "energy_spread", report_spread_array(m, run->energy.spread));
    maker_known(m, o, "running_ma", run->energy.running_ma);
    maker_count(m, o, "core_cycles", c->core_cycles);
    maker_put(m, o, "stall_cycles", stall_object(m, c));
    put_causes(m, o, run, c);
    put_events(m, o, run, c);
    maker_count(m, o, "branches_taken", c->branches_taken);
    maker_put(m, o, "accesses", access_object(m, c));
    maker_put(m, o, "classes", class_object(m, c));
    maker_count(m, o, "arena_bytes", run->arena_bytes);
    maker_count(m, o, "stack_bytes", run->stack_bytes);
    maker_count(m, o, "flash_bytes", run->flash_used_bytes);
    maker_count(m, o, "weight_bytes", run->weight_bytes);
    maker_put(m, o, "runner_bytes",
              run->runner_bytes ? json_integer(run->runner_bytes) : json_null());
    maker_count(m, o, "ram_bytes", run->ram_used_bytes);
    maker_count(m, o, "invocations", run->profile.invocations);
    maker_put(m, o, "outside", outside_object(m, run));
    return o;
}

/* "25x5x64" as [25, 5, 64]; [] for a scalar. */
static json_t *shape_array(struct report_maker *m, const char *shape)
{
    json_t *a = json_array();
    for (const char *p = shape; *p;) {
        char *end;
        errno = 0;
        long long n = strtoll(p, &end, 10);
        if (end == p || errno != 0)
            break;
        maker_append(m, a, json_integer(n));
        p = *end == 'x' ? end + 1 : "";
    }
    return a;
}

static json_t *layer_object(struct report_maker *m, const struct report_run *run, uint32_t i)
{
    const struct report_layer *layer = &run->layers[i];
    const struct sim_counts *c = &run->profile.scopes[i].counts;
    const struct energy_interval *uj = &run->energy.scope_uj[i];
    json_t *o = maker_object(m);
    maker_put(m, o, "index", json_integer(layer->index));
    maker_text(m, o, "op", layer->op);
    maker_text(m, o, "name", layer->name);
    maker_put(m, o, "shape", shape_array(m, layer->shape));
    maker_count(m, o, "macs", layer->macs);
    maker_count(m, o, "instructions", c->instructions);
    maker_count(m, o, "cycles", c->cycles);
    maker_real(m, o, "energy_uj", uj->p50);
    maker_real(m, o, "energy_p10_uj", uj->p10);
    maker_real(m, o, "energy_p90_uj", uj->p90);
    maker_put(m, o, "stall_cycles", stall_object(m, c));
    put_causes(m, o, run, c);
    return o;
}

static json_t *layer_array(struct report_maker *m, const struct report_run *run)
{
    json_t *a = json_array();
    for (uint32_t i = 0; i < run->profile.scope_count; i++) {
        if (run->profile.scopes[i].id < 0)
            continue;
        maker_append(m, a, layer_object(m, run, i));
    }
    return a;
}

static json_t *function_array(struct report_maker *m, const struct report_run *run)
{
    json_t *a = json_array();
    for (uint32_t i = 0; i < run->profile.function_count; i++) {
        const struct sim_function *f = &run->profile.functions[i];
        json_t *o = maker_object(m);
        maker_text(m, o, "name", f->name);
        maker_count(m, o, "address", f->address);
        maker_count(m, o, "bytes", f->bytes);
        maker_count(m, o, "calls", f->calls);
        maker_count(m, o, "instructions", f->instructions);
        maker_count(m, o, "cycles", f->cycles);
        maker_put(m, o, "causes", cause_object(m, f->causes));
        maker_append(m, a, o);
    }
    return a;
}

/* Causes that are zero are left out: a line has few. */
static json_t *line_object(struct report_maker *m, const struct sim_line *line)
{
    json_t *o = maker_object(m), *causes = maker_object(m);
    maker_count(m, o, "address", line->address);
    maker_count(m, o, "bytes", line->bytes);
    maker_text(m, o, "text", line->text);
    maker_count(m, o, "executions", line->executions);
    maker_count(m, o, "cycles", line->cycles);
    for (int i = 0; i < SIM_CAUSE_COUNT; i++) {
        if (line->causes[i] > 0)
            maker_count(m, causes, sim_cause_name((enum sim_cause)i), line->causes[i]);
    }
    maker_put(m, o, "causes", causes);
    return o;
}

static json_t *listing_object(struct report_maker *m, const struct report_run *run)
{
    json_t *o = maker_object(m), *lines = json_array();
    maker_text(m, o, "name", run->listing.name);
    maker_count(m, o, "invocations", run->profile.invocations);
    for (uint32_t i = 0; i < run->listing.count; i++) {
        maker_append(m, lines, line_object(m, &run->listing.lines[i]));
    }
    maker_put(m, o, "lines", lines);
    return o;
}

/* Elements as integers when the type is known and they are few; null otherwise. */
static json_t *tensor_values(struct report_maker *m, const struct report_tensor *t)
{
    size_t width = strcmp(t->type, "INT8") == 0 ? 1 : strcmp(t->type, "INT32") == 0 ? 4 : 0;
    if (width == 0 || t->byte_count % width != 0 || t->byte_count / width > MAX_VALUES)
        return json_null();
    json_t *a = json_array();
    for (size_t at = 0; at < t->byte_count; at += width) {
        const uint8_t *b = t->bytes + at;
        int32_t value = (int8_t)b[0];
        if (width == 4)
            value = (int32_t)((uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
                              (uint32_t)b[3] << 24);
        maker_append(m, a, json_integer(value));
    }
    return a;
}

static json_t *output_object(struct report_maker *m, const struct report_run *run)
{
    json_t *o = maker_object(m);
    json_t *tensors = json_array();
    maker_text(m, o, "sha256", run->output_sha256);
    for (uint32_t i = 0; i < run->output_count; i++) {
        const struct report_tensor *t = &run->outputs[i];
        json_t *tensor = maker_object(m);
        maker_text(m, tensor, "name", t->name);
        maker_text(m, tensor, "type", t->type);
        maker_put(m, tensor, "shape", shape_array(m, t->shape));
        maker_real(m, tensor, "scale", t->scale);
        maker_put(m, tensor, "zero_point", json_integer(t->zero_point));
        maker_count(m, tensor, "bytes", t->byte_count);
        maker_put(m, tensor, "values", tensor_values(m, t));
        maker_append(m, tensors, tensor);
    }
    maker_put(m, o, "tensors", tensors);
    return o;
}

static json_t *memory_object(struct report_maker *m, const struct report_run *run)
{
    json_t *o = maker_object(m);
    maker_count(m, o, "flash_used_bytes", run->flash_used_bytes);
    maker_count(m, o, "flash_bytes", run->flash_bytes);
    maker_count(m, o, "ram_used_bytes", run->ram_used_bytes);
    maker_count(m, o, "ram_bytes", run->ram_bytes);
    return o;
}

static void add_notes(struct report_maker *m, json_t *a, const char notes[][256], uint32_t count)
{
    char valid[1024];
    for (uint32_t i = 0; i < count; i++) {
        report_valid_utf8(valid, sizeof valid, notes[i]);
        maker_append(m, a, json_string(valid));
    }
}

static json_t *note_array(struct report_maker *m, const struct report_run *run)
{
    json_t *a = json_array();
    add_notes(m, a, run->notes, run->note_count);
    add_notes(m, a, run->life.notes, run->life.note_count);
    return a;
}

static json_t *run_object(struct report_maker *m, const struct report_run *run)
{
    json_t *o = maker_object(m);
    maker_text(m, o, "version", run->version);
    maker_put(m, o, "run_id", json_integer(run->run_id));
    maker_put(m, o, "estimated", json_boolean(run->estimated));
    maker_text(m, o, "created_utc", run->created_utc);
    maker_put(m, o, "target", target_object(m, run));
    maker_put(m, o, "mcu", mcu_object(m, run));
    maker_text(m, o, "kernels", run->kernels);
    maker_put(m, o, "inference", inference_object(m, run));
    maker_put(m, o, "layers", layer_array(m, run));
    maker_put(m, o, "functions", function_array(m, run));
    if (run->listing.count > 0)
        maker_put(m, o, "listing", listing_object(m, run));
    maker_put(m, o, "output", output_object(m, run));
    maker_put(m, o, "life", report_life_object(m, run));
    maker_put(m, o, "memory", memory_object(m, run));
    maker_put(m, o, "docs", report_docs_array(m, &run->docs));
    maker_text(m, o, "energy_source", run->energy.source_note);
    maker_put(m, o, "notes", note_array(m, run));
    return o;
}

enum cc_status report_json(const struct report_run *run, FILE *out, struct cc_error *err)
{
    enum cc_status status = report_check(run, err);
    if (status != CC_OK)
        return status;
    struct report_maker m = {0};
    json_t *root = run_object(&m, run);
    status = m.failed ? cc_no_memory(err) : report_dump_json(root, out, err);
    json_decref(root);
    return status;
}
