#include "report_sample.h"

#include <stdlib.h>
#include <string.h>

static uint32_t state;

static uint32_t next(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static double next_real(void)
{
    return (double)next() / 3.0 * 1e-6; /* thirds: needs every bit of the double */
}

static struct energy_interval next_interval(void)
{
    double p50 = next_real();
    struct energy_interval i = {p50 * 0.9, p50, p50 * 1.1};
    return i;
}

static void must(const void *pointer)
{
    if (!pointer)
        abort();
}

static void fill_cycles(struct sim_counts *c)
{
    c->causes[SIM_CAUSE_ISSUE] = c->instructions;
    c->causes[SIM_CAUSE_LOAD_USE] = next() % 50000;
    c->causes[SIM_CAUSE_BRANCH] = next() % 50000;
    c->causes[SIM_CAUSE_FETCH] = next() % 10000;
    c->causes[SIM_CAUSE_FLASH_DATA] = next() % 7000;
    c->causes[SIM_CAUSE_RAM] = next() % 3000;
    c->core_cycles =
        c->causes[SIM_CAUSE_ISSUE] + c->causes[SIM_CAUSE_LOAD_USE] + c->causes[SIM_CAUSE_BRANCH];
    c->fetch_stall_cycles = c->causes[SIM_CAUSE_FETCH];
    c->data_stall_cycles = c->causes[SIM_CAUSE_FLASH_DATA] + c->causes[SIM_CAUSE_RAM];
    c->cycles = c->core_cycles + c->fetch_stall_cycles + c->data_stall_cycles;
    c->overlapped_loads = next() % 40000;
}

static void fill_counts(struct sim_counts *c)
{
    for (int i = 0; i < SIM_CLASS_COUNT; i++) {
        c->classes[i] = i % 5 == 4 ? 0 : next() % 1000000;
        c->instructions += c->classes[i];
    }
    for (int i = 0; i < SIM_REGION_COUNT; i++) {
        struct sim_accesses *a = &c->regions[i];
        if (i != SIM_REGION_FLASH && i != SIM_REGION_SRAM)
            continue;
        a->reads = next() % 100000;
        a->writes = i == SIM_REGION_SRAM ? next() % 100000 : 0;
        a->read_bytes = 4 * a->reads;
        a->write_bytes = 2 * a->writes;
        a->fetch_bytes = i == SIM_REGION_FLASH ? 2 * c->instructions : 0;
        a->line_reads = i == SIM_REGION_FLASH ? next() % 5000 : 0;
        c->accesses += a->reads + a->writes;
    }
    fill_cycles(c);
    c->branches_taken = next() % 1000;
}

static void fill_scopes(struct report_run *run, uint32_t n_ops)
{
    static const char *const ops[] = {"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"};
    uint32_t n = n_ops + 1;
    run->profile.scopes = calloc(n, sizeof *run->profile.scopes);
    run->energy.scope_uj = calloc(n, sizeof *run->energy.scope_uj);
    run->layers = calloc(n, sizeof *run->layers);
    must(run->profile.scopes);
    must(run->energy.scope_uj);
    must(run->layers);
    run->profile.scope_count = run->energy.scope_count = n;
    for (uint32_t i = 0; i < n; i++) {
        struct sim_scope *scope = &run->profile.scopes[i];
        struct report_layer *layer = &run->layers[i];
        scope->id = layer->index = (int32_t)i - 1;
        snprintf(layer->op, sizeof layer->op, "%s", i ? ops[i % 3] : "(dispatch)");
        snprintf(layer->name, sizeof layer->name, "layer/%u", i);
        snprintf(layer->shape, sizeof layer->shape, "%s", i ? "1x25x5x64" : "");
        snprintf(scope->name, sizeof scope->name, "%d %s", scope->id, layer->op);
        layer->macs = i ? next() % 1000000 : 0;
        run->macs += layer->macs;
        fill_counts(&scope->counts);
        sim_counts_add(&run->profile.total, &scope->counts);
        run->energy.scope_uj[i] = next_interval();
        run->energy.total_uj.p10 += run->energy.scope_uj[i].p10;
        run->energy.total_uj.p50 += run->energy.scope_uj[i].p50;
        run->energy.total_uj.p90 += run->energy.scope_uj[i].p90;
    }
}

/* By falling cycles, all of them together those of the run. */
static void fill_functions(struct sim_profile *p)
{
    static const char *const names[] = {"kernel_conv", "kernel_depthwise", "runner_walk"};
    p->functions = calloc(3, sizeof *p->functions);
    must(p->functions);
    p->function_count = 3;
    for (uint32_t i = 0; i < 3; i++) {
        struct sim_function *f = &p->functions[i];
        snprintf(f->name, sizeof f->name, "%s", names[i]);
        f->address = 0x08000400 + 0x100 * i;
        f->bytes = 0xf0;
        f->calls = next() % 1000;
        f->instructions = p->total.instructions / (i == 0 ? 2 : 4);
        for (int c = 0; c < SIM_CAUSE_COUNT; c++) {
            uint64_t quarter = p->total.causes[c] / 4;
            f->causes[c] = i == 0 ? p->total.causes[c] - 2 * quarter : quarter;
            f->cycles += f->causes[c];
        }
    }
}

static void fill_names(struct report_run *run)
{
    snprintf(run->created_utc, sizeof run->created_utc, "2026-01-02T03:04:05Z");
    snprintf(run->version, sizeof run->version, "0.1.0");
    snprintf(run->target_path, sizeof run->target_path, "models/a b.tflite");
    snprintf(run->target_kind, sizeof run->target_kind, "tflite");
    memset(run->target_sha256, 'a', 64);
    memset(run->output_sha256, 'b', 64);
    snprintf(run->model_name, sizeof run->model_name, "sample");
    snprintf(run->kernels, sizeof run->kernels, "dsp");
    snprintf(run->mcu_description, sizeof run->mcu_description, "a chip of the test");
    snprintf(run->profile.chip, sizeof run->profile.chip, "testchip");
    snprintf(run->profile.core, sizeof run->profile.core, "cortex-m4");
    snprintf(run->profile.timing_note, sizeof run->profile.timing_note, "5 wait states");
    snprintf(run->profile.voltage_range, sizeof run->profile.voltage_range, "range2");
    snprintf(run->energy.source_note, sizeof run->energy.source_note, "made up for a test");
    snprintf(run->life.battery, sizeof run->life.battery, "cr2032");
    snprintf(run->life.scenario, sizeof run->life.scenario, "one inference every 1 s");
    snprintf(run->life.lifetime.limited_by, SIM_NAME_BYTES, "brown-out");
    snprintf(run->life.lifetime.limiting_pulse, SIM_NAME_BYTES, "radio sample");
    snprintf(run->life.scenario_file, sizeof run->life.scenario_file, "my own/sample.yaml");
    snprintf(run->energy.regulator, sizeof run->energy.regulator, "smps");
    snprintf(run->energy.range, sizeof run->energy.range, "range2");
    snprintf(run->notes[0], sizeof run->notes[0], "weights are pseudo-random");
    snprintf(run->notes[1], sizeof run->notes[1], "a second note with \"quotes\"");
    run->note_count = 2;
}

static void fill_output(struct report_run *run)
{
    run->output_count = 2;
    run->outputs = calloc(2, sizeof *run->outputs);
    must(run->outputs);
    for (uint32_t i = 0; i < 2; i++) {
        struct report_tensor *t = &run->outputs[i];
        t->byte_count = i ? 8 : 12;
        t->bytes = malloc(t->byte_count);
        must(t->bytes);
        for (uint32_t b = 0; b < t->byte_count; b++)
            t->bytes[b] = (uint8_t)next();
        snprintf(t->name, sizeof t->name, "out%u", i);
        snprintf(t->type, sizeof t->type, "%s", i ? "INT32" : "INT8");
        snprintf(t->shape, sizeof t->shape, "%s", i ? "1x2" : "1x12");
        t->scale = 1.0 / 256;
        t->zero_point = -128;
    }
}

static void fill_spread(struct energy_spread *spread, const char *of)
{
    for (int i = 0; i < ENERGY_TOP_SPREADS; i++) {
        snprintf(spread[i].name, sizeof spread[i].name, "unknown %d of %s", i + 1, of);
        spread[i].share = 0.5 / (i + 1);
    }
}

static void fill_life(struct report_run *run)
{
    static const char *const parts[] = {"inference", "compute mel40", "radio sample", "sleep",
                                        "self-discharge"};
    struct energy_lifetime *t = &run->life.lifetime;
    t->days = next_interval();
    t->running_ma = 26.0 / 3;
    t->end_rest_v = 8.0 / 3;
    t->end_loaded_v = 5.0 / 3;
    t->least_v = 1.71;
    t->charge_left = 1.0 / 3;
    snprintf(run->life.notes[0], sizeof run->life.notes[0], "too much for this cell");
    run->life.note_count = 1;
    for (int i = 0; i < 5; i++) {
        snprintf(t->parts[i].name, sizeof t->parts[i].name, "%s", parts[i]);
        t->parts[i].uw = next_real();
        t->average_uw += t->parts[i].uw;
    }
    t->part_count = 5;
    t->average_uw_spread.p10 = t->average_uw / 1.1;
    t->average_uw_spread.p50 = t->average_uw;
    t->average_uw_spread.p90 = t->average_uw * 1.1;
    fill_spread(run->energy.spread, "the energy");
    fill_spread(t->spread, "the life");
}

static void fill_steps(struct report_life *life)
{
    static const char *const kinds[] = {"sensor", "compute", "infer", "radio"};
    life->busy_s = 1.0 / 7;
    life->asleep_s = 6.0 / 7;
    life->buffer_uf = 100;
    for (uint32_t i = 0; i < 4; i++) {
        struct energy_step_cost *step = &life->steps[i];
        snprintf(step->name, sizeof step->name, "step %u", i);
        snprintf(step->kind, sizeof step->kind, "%s", kinds[i]);
        snprintf(step->what, sizeof step->what, "what of %u", i);
        step->times = 1.0 / (1.0 + i);
        step->duration_s = 1e-3 * (1.0 + i);
        step->beside = i == 0;
        step->uj = next_real();
        step->uw = step->uj * step->times;
        step->peak_ma = 10.0 / 3;
    }
    life->step_count = 4;
    life->has_stream = life->has_harvest = 1;
    life->stream = (struct energy_stream_comparison){.radio = "sample",
                                                     .raw_bytes_per_period = 32000,
                                                     .infer_uj = 100.0 / 3,
                                                     .result_uj = 10.0 / 3,
                                                     .stream_uj = 1000.0 / 3,
                                                     .possible = 1,
                                                     .break_even_bytes = 3520,
                                                     .break_even_uj = 330,
                                                     .average_uw = 340,
                                                     .days = {1, 2, 3}};
    life->harvest = (struct energy_harvest){.harvester = "pv-sample",
                                            .unit = "lux",
                                            .level = 500,
                                            .hours_per_day = 10,
                                            .income_uw = {90, 100, 110},
                                            .neutral_at = {200, 230, 260},
                                            .store_uj_needed = 2e6};
}

static void fill_docs(struct energy_docs *docs)
{
    docs->rows = calloc(3, sizeof *docs->rows);
    must(docs->rows);
    docs->count = docs->capacity = 3;
    for (uint32_t i = 0; i < 3; i++) {
        struct energy_input *row = &docs->rows[i];
        snprintf(row->file, sizeof row->file, "energy/%s/sample.yaml", i == 1 ? "radios" : "chips");
        snprintf(row->key, sizeof row->key, "sleep_modes[%u].current_ua", i);
        row->value = next_real();
        row->rsd = 1.0 / 30;
        row->verified = i != 2;
        snprintf(row->source, sizeof row->source, "a document of the test, table %u", i);
    }
}

void report_sample(struct report_run *run, uint32_t n_ops, uint32_t seed)
{
    state = seed * 2654435761u + 1;
    memset(run, 0, sizeof *run);
    fill_names(run);
    fill_scopes(run, n_ops);
    fill_functions(&run->profile);
    fill_output(run);
    run->profile.clock_hz = run->mcu_clock_hz = 120e6;
    run->profile.invocations = 1;
    run->profile.stack_bytes = run->stack_bytes = 640;
    run->arena_bytes = 16512;
    run->ram_used_bytes = 17144;
    run->ram_bytes = 655360;
    run->flash_used_bytes = 47840;
    run->flash_bytes = 2097152;
    run->weight_bytes = 24376;
    run->runner_bytes = 17001;
    run->profile.cycles_rsd = 1.0 / 30;
    run->energy.vdd_v = 1.8;
    run->energy.latency_s = (double)run->profile.total.cycles / run->profile.clock_hz;
    run->energy.latency_p10_s = run->energy.latency_s / 1.0437;
    run->energy.latency_p90_s = run->energy.latency_s * 1.0437;
    run->energy.running_ma = 25.0 / 3;
    run->energy.total_rsd = 0.1234567890123;
    for (int i = 0; i < ENERGY_PART_COUNT; i++)
        run->energy.parts_uj[i] = run->energy.total_uj.p50 / ENERGY_PART_COUNT;
    run->every_s = 1;
    run->temperature_c = 20;
    fill_life(run);
    fill_steps(&run->life);
    fill_docs(&run->docs);
}

char *report_sample_text(const struct report_run *run, unsigned width)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    must(out);
    enum cc_status status = report_text(run, out, width, NULL);
    fclose(out);
    if (status != CC_OK)
        abort();
    return text;
}

char *report_sample_json(const struct report_run *run)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    must(out);
    enum cc_status status = report_json(run, out, NULL);
    fclose(out);
    if (status != CC_OK)
        abort();
    return text;
}
