/* The schema and its history. A database carries its version in user_version; migrations[n] takes
 * version n to n + 1 and is never edited once released: a change is a new entry.
 *
 * SQLite keeps the comments of a CREATE statement, so `.schema` in the sqlite3 shell is the
 * documentation of the columns. */
#include "store_internal.h"

#include <stdio.h>

static const char *const tables[] = {
    "CREATE TABLE run ( -- one row per simulated run; never changed, never reused\n"
    "  run_id INTEGER PRIMARY KEY AUTOINCREMENT,\n"
    "  created_utc TEXT NOT NULL, -- ISO 8601\n"
    "  version TEXT NOT NULL, -- of the program that ran it\n"
    "  target_path TEXT NOT NULL, -- what was given on the command line, resolved\n"
    "  target_kind TEXT NOT NULL, -- tflite, architecture, zoo\n"
    "  target_sha256 TEXT NOT NULL, -- of the model file\n"
    "  model_name TEXT NOT NULL,\n"
    "  kernels TEXT NOT NULL, -- kernel variant\n"
    "  mcu TEXT NOT NULL, -- chip name\n"
    "  mcu_description TEXT NOT NULL,\n"
    "  core TEXT NOT NULL, -- cortex-m4, ...\n"
    "  clock_hz REAL NOT NULL, -- core clock charged\n"
    "  mcu_clock_hz REAL NOT NULL, -- core clock asked for\n"
    "  timing_note TEXT NOT NULL, -- memory configuration charged\n"
    "  invocations INTEGER NOT NULL, -- how many ran; all counts are the mean of one\n"
    "  macs INTEGER NOT NULL,\n"
    "  arena_bytes INTEGER NOT NULL, -- activations and scratch\n"
    "  stack_bytes INTEGER NOT NULL, -- reported: deepest stack\n"
    "  stack_seen_bytes INTEGER NOT NULL, -- as the simulator saw it\n"
    "  ram_used_bytes INTEGER NOT NULL, -- arena, runner data and stack\n"
    "  ram_bytes INTEGER NOT NULL, -- of the chip\n"
    "  flash_used_bytes INTEGER NOT NULL, -- runner and model\n"
    "  flash_bytes INTEGER NOT NULL, -- of the chip\n"
    "  weight_bytes INTEGER NOT NULL,\n"
    "  vdd_v REAL NOT NULL,\n"
    "  latency_s REAL NOT NULL,\n"
    "  energy_uj_p10 REAL NOT NULL, -- of one inference\n"
    "  energy_uj_p50 REAL NOT NULL,\n"
    "  energy_uj_p90 REAL NOT NULL,\n"
    "  energy_rsd REAL NOT NULL, -- relative standard deviation\n"
    "  energy_source TEXT NOT NULL, -- how well the prices are known\n"
    "  output_sha256 TEXT NOT NULL, -- of all outputs of all invocations\n"
    "  every_s REAL NOT NULL, -- one inference per so many seconds\n"
    "  temperature_c REAL NOT NULL,\n"
    "  battery TEXT NOT NULL,\n"
    "  scenario TEXT NOT NULL,\n"
    "  average_uw REAL NOT NULL, -- battery side\n"
    "  days_p10 REAL NOT NULL,\n"
    "  days_p50 REAL NOT NULL,\n"
    "  days_p90 REAL NOT NULL,\n"
    "  limited_by TEXT NOT NULL\n"
    ") STRICT;\n",

    "CREATE TABLE energy_part ( -- parts of energy_uj_p50; they add up to it\n"
    "  run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,\n"
    "  part TEXT NOT NULL, -- static, cycles, classes, memory, stalls\n"
    "  uj REAL NOT NULL,\n"
    "  PRIMARY KEY (run_id, part)\n"
    ") STRICT, WITHOUT ROWID;\n",

    "CREATE TABLE life_part ( -- parts of average_uw; they add up to it\n"
    "  run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,\n"
    "  part TEXT NOT NULL, -- inference, sleep, ...\n"
    "  uw REAL NOT NULL,\n"
    "  PRIMARY KEY (run_id, part)\n"
    ") STRICT, WITHOUT ROWID;\n",

    "CREATE TABLE scope ( -- what is charged together: an operator, or the dispatch around them\n"
    "  run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,\n"
    "  position INTEGER NOT NULL, -- order in the run, from 0\n"
    "  id INTEGER NOT NULL, -- operator index; -1 = inside the inference, in no operator\n"
    "  label TEXT NOT NULL, -- the simulator's name\n"
    "  layer_index INTEGER NOT NULL,\n"
    "  op TEXT NOT NULL, -- CONV_2D, ...\n"
    "  name TEXT NOT NULL, -- of the output tensor or layer\n"
    "  shape TEXT NOT NULL, -- of the output\n"
    "  macs INTEGER NOT NULL,\n"
    "  instructions INTEGER NOT NULL,\n"
    "  core_cycles INTEGER NOT NULL, -- at zero wait states\n"
    "  fetch_stall_cycles INTEGER NOT NULL,\n"
    "  data_stall_cycles INTEGER NOT NULL,\n"
    "  cycles INTEGER NOT NULL\n"
    "    CHECK (cycles = core_cycles + fetch_stall_cycles + data_stall_cycles),\n"
    "  branches_taken INTEGER NOT NULL,\n"
    "  accesses INTEGER NOT NULL, -- reads and writes of data\n"
    "  energy_uj_p10 REAL NOT NULL,\n"
    "  energy_uj_p50 REAL NOT NULL, -- add up to the run's\n"
    "  energy_uj_p90 REAL NOT NULL,\n"
    "  PRIMARY KEY (run_id, position)\n"
    ") STRICT, WITHOUT ROWID;\n",

    "CREATE TABLE scope_class ( -- instructions by class; zero counts are left out\n"
    "  run_id INTEGER NOT NULL,\n"
    "  position INTEGER NOT NULL,\n"
    "  class TEXT NOT NULL,\n"
    "  count INTEGER NOT NULL,\n"
    "  PRIMARY KEY (run_id, position, class),\n"
    "  FOREIGN KEY (run_id, position) REFERENCES scope ON DELETE CASCADE\n"
    ") STRICT, WITHOUT ROWID;\n",

    "CREATE TABLE scope_access ( -- memory by region; regions never touched are left out\n"
    "  run_id INTEGER NOT NULL,\n"
    "  position INTEGER NOT NULL,\n"
    "  region TEXT NOT NULL,\n"
    "  reads INTEGER NOT NULL, -- data transfers\n"
    "  writes INTEGER NOT NULL,\n"
    "  read_bytes INTEGER NOT NULL,\n"
    "  write_bytes INTEGER NOT NULL,\n"
    "  fetch_bytes INTEGER NOT NULL, -- instructions executed from here\n"
    "  line_reads INTEGER NOT NULL, -- reads of the memory array behind a buffer or cache\n"
    "  PRIMARY KEY (run_id, position, region),\n"
    "  FOREIGN KEY (run_id, position) REFERENCES scope ON DELETE CASCADE\n"
    ") STRICT, WITHOUT ROWID;\n",

    "CREATE TABLE output ( -- output tensors of the last invocation\n"
    "  run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,\n"
    "  position INTEGER NOT NULL,\n"
    "  name TEXT NOT NULL,\n"
    "  type TEXT NOT NULL,\n"
    "  shape TEXT NOT NULL,\n"
    "  scale REAL NOT NULL,\n"
    "  zero_point INTEGER NOT NULL,\n"
    "  bytes BLOB NOT NULL,\n"
    "  PRIMARY KEY (run_id, position)\n"
    ") STRICT, WITHOUT ROWID;\n",

    "CREATE TABLE note ( -- what the reader of a run must know\n"
    "  run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,\n"
    "  position INTEGER NOT NULL,\n"
    "  text TEXT NOT NULL,\n"
    "  PRIMARY KEY (run_id, position)\n"
    ") STRICT, WITHOUT ROWID;\n",
    NULL};

static const char *const views[] = {
    "CREATE VIEW v_run AS -- one row per run, with everything people ask for\n"
    "  SELECT r.run_id, r.created_utc, r.model_name AS model, r.mcu, r.core,\n"
    "    r.clock_hz / 1e6 AS mhz, r.vdd_v, r.kernels, r.invocations, r.macs,\n"
    "    s.instructions, s.cycles, s.fetch_stall_cycles, s.data_stall_cycles,\n"
    "    CAST(s.cycles AS REAL) / nullif(s.instructions, 0) AS cpi,\n"
    "    CAST(s.cycles AS REAL) / nullif(r.macs, 0) AS cycles_per_mac,\n"
    "    r.latency_s * 1e3 AS latency_ms,\n"
    "    r.energy_uj_p50 AS energy_uj, r.energy_uj_p10, r.energy_uj_p90,\n"
    "    r.energy_uj_p50 * 1e6 / nullif(r.macs, 0) AS pj_per_mac,\n"
    "    r.arena_bytes, r.stack_bytes, r.ram_used_bytes, r.flash_used_bytes,\n"
    "    r.battery, r.scenario, r.temperature_c, r.average_uw,\n"
    "    r.days_p50 AS days, r.days_p10, r.days_p90, r.limited_by,\n"
    "    r.target_path, r.target_sha256, r.output_sha256, r.version\n"
    "  FROM run AS r LEFT JOIN (\n"
    "    SELECT run_id, sum(instructions) AS instructions, sum(cycles) AS cycles,\n"
    "      sum(fetch_stall_cycles) AS fetch_stall_cycles,\n"
    "      sum(data_stall_cycles) AS data_stall_cycles\n"
    "    FROM scope GROUP BY run_id) AS s USING (run_id);\n",

    "CREATE VIEW v_layer AS -- one row per operator of a run; layer -1 is the dispatch around "
    "them\n"
    "  SELECT s.run_id, r.model_name AS model, r.mcu, r.kernels, s.layer_index AS layer, s.op,\n"
    "    s.name, s.shape, s.macs, s.instructions, s.cycles, s.fetch_stall_cycles,\n"
    "    s.data_stall_cycles, CAST(s.cycles AS REAL) / nullif(s.macs, 0) AS cycles_per_mac,\n"
    "    s.energy_uj_p50 AS energy_uj, s.energy_uj_p10, s.energy_uj_p90,\n"
    "    s.energy_uj_p50 / nullif(r.energy_uj_p50, 0) AS energy_share\n"
    "  FROM scope AS s JOIN run AS r USING (run_id);\n",

    "CREATE VIEW v_access AS -- one row per operator and memory region\n"
    "  SELECT a.run_id, s.layer_index AS layer, s.op, a.region, a.reads, a.writes, a.read_bytes,\n"
    "    a.write_bytes, a.fetch_bytes, a.line_reads\n"
    "  FROM scope_access AS a JOIN scope AS s USING (run_id, position);\n",

    "CREATE VIEW v_class AS -- one row per operator and instruction class\n"
    "  SELECT c.run_id, s.layer_index AS layer, s.op, c.class, c.count,\n"
    "    CAST(c.count AS REAL) / nullif(s.instructions, 0) AS share\n"
    "  FROM scope_class AS c JOIN scope AS s USING (run_id, position);\n",

    "CREATE INDEX run_by_model ON run (model_name, mcu, kernels);\n",
    NULL};

static const char *const details[] = {
    "CREATE TABLE run_detail ( -- more of a run; none for runs of earlier versions, 0 = unknown\n"
    "  run_id INTEGER PRIMARY KEY REFERENCES run ON DELETE CASCADE,\n"
    "  cycles_rsd REAL NOT NULL, -- relative standard deviation of every cycle count\n"
    "  latency_s_p10 REAL NOT NULL,\n"
    "  latency_s_p90 REAL NOT NULL,\n"
    "  running_ma REAL NOT NULL, -- of the chip at vdd_v, while it runs\n"
    "  battery_running_ma REAL NOT NULL, -- of limiting_pulse, out of the battery\n"
    "  end_rest_v REAL NOT NULL, -- of the battery when its charge ends, without load\n"
    "  end_loaded_v REAL NOT NULL, -- and while the chip runs\n"
    "  least_v REAL NOT NULL, -- what it must hold then\n"
    "  charge_left REAL NOT NULL, -- fraction that could not be used\n"
    "  runner_bytes INTEGER NOT NULL -- of flash_used_bytes: runner and kernels\n"
    ") STRICT;\n",

    "CREATE TABLE life_note ( -- what the reader must know about load and battery\n"
    "  run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,\n"
    "  position INTEGER NOT NULL,\n"
    "  text TEXT NOT NULL,\n"
    "  PRIMARY KEY (run_id, position)\n"
    ") STRICT, WITHOUT ROWID;\n",
    NULL};

static const char *const causes[] = {
    "CREATE TABLE scope_detail ( -- more of a scope; none for runs of earlier versions\n"
    "  run_id INTEGER NOT NULL,\n"
    "  position INTEGER NOT NULL,\n"
    "  overlapped_loads INTEGER NOT NULL, -- whose second cycle was hidden by pipelining\n"
    "  paired INTEGER NOT NULL, -- instructions that shared a cycle with the one before\n"
    "  exceptions INTEGER NOT NULL, -- taken\n"
    "  PRIMARY KEY (run_id, position),\n"
    "  FOREIGN KEY (run_id, position) REFERENCES scope ON DELETE CASCADE\n"
    ") STRICT, WITHOUT ROWID;\n",

    "CREATE TABLE scope_cause ( -- what cycles went into; zeros are left out; add up to cycles\n"
    "  run_id INTEGER NOT NULL,\n"
    "  position INTEGER NOT NULL,\n"
    "  cause TEXT NOT NULL, -- issue, load_use, branch, fetch, ...\n"
    "  cycles INTEGER NOT NULL,\n"
    "  PRIMARY KEY (run_id, position, cause),\n"
    "  FOREIGN KEY (run_id, position) REFERENCES scope_detail ON DELETE CASCADE\n"
    ") STRICT, WITHOUT ROWID;\n",

    "CREATE TABLE function ( -- of the program by its symbols, without those it calls\n"
    "  run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,\n"
    "  position INTEGER NOT NULL, -- by falling cycles, from 0\n"
    "  name TEXT NOT NULL,\n"
    "  address INTEGER NOT NULL,\n"
    "  bytes INTEGER NOT NULL,\n"
    "  calls INTEGER NOT NULL, -- times its first instruction was executed\n"
    "  instructions INTEGER NOT NULL,\n"
    "  cycles INTEGER NOT NULL,\n"
    "  PRIMARY KEY (run_id, position)\n"
    ") STRICT, WITHOUT ROWID;\n",

    "CREATE TABLE function_cause ( -- as scope_cause\n"
    "  run_id INTEGER NOT NULL,\n"
    "  position INTEGER NOT NULL,\n"
    "  cause TEXT NOT NULL,\n"
    "  cycles INTEGER NOT NULL,\n"
    "  PRIMARY KEY (run_id, position, cause),\n"
    "  FOREIGN KEY (run_id, position) REFERENCES function ON DELETE CASCADE\n"
    ") STRICT, WITHOUT ROWID;\n",

    "CREATE VIEW v_cause AS -- one row per operator and cause of cycles\n"
    "  SELECT c.run_id, s.layer_index AS layer, s.op, c.cause, c.cycles,\n"
    "    CAST(c.cycles AS REAL) / nullif(s.cycles, 0) AS share\n"
    "  FROM scope_cause AS c JOIN scope AS s USING (run_id, position);\n",

    "CREATE VIEW v_function AS -- one row per function of a run\n"
    "  SELECT f.run_id, r.model_name AS model, r.mcu, r.kernels, f.name, f.address, f.bytes,\n"
    "    f.calls, f.instructions, f.cycles,\n"
    "    CAST(f.cycles AS REAL) / nullif(f.instructions, 0) AS cpi,\n"
    "    CAST(f.cycles AS REAL) / nullif(s.cycles, 0) AS share\n"
    "  FROM function AS f JOIN run AS r USING (run_id) LEFT JOIN (\n"
    "    SELECT run_id, sum(cycles) AS cycles FROM scope GROUP BY run_id) AS s USING (run_id);\n",
    NULL};

static const char *const ranges[] = {
    "CREATE TABLE run_range ( -- voltage range of a run; none where none was asked for\n"
    "  run_id INTEGER PRIMARY KEY REFERENCES run ON DELETE CASCADE,\n"
    "  voltage_range TEXT NOT NULL -- of the chip file: range2, vos3, ...\n"
    ") STRICT;\n",
    NULL};

static const char *const scenarios[] = {
    /* parts of any name, in the order in which they are shown */
    "ALTER TABLE life_part ADD COLUMN position INTEGER NOT NULL DEFAULT 0;\n",

    "UPDATE life_part SET position = CASE part WHEN 'inference' THEN 0 WHEN 'sleep' THEN 1\n"
    "  WHEN 'wake' THEN 2 WHEN 'self-discharge' THEN 3 ELSE 4 END;\n",

    "CREATE TABLE run_condition ( -- what a life holds for; none for runs of earlier versions\n"
    "  run_id INTEGER PRIMARY KEY REFERENCES run ON DELETE CASCADE,\n"
    "  regulator TEXT NOT NULL, -- of the chip: ldo, smps\n"
    "  price_range TEXT NOT NULL, -- voltage range that the prices are of; empty = of none\n"
    "  vdd_exponent REAL NOT NULL, -- energy goes with the supply voltage to this power\n"
    "  scenario_file TEXT NOT NULL, -- as given; empty = one inference per period\n"
    "  buffer_uf REAL NOT NULL, -- as given; 0 = not given\n"
    "  average_uw_p10 REAL NOT NULL,\n"
    "  average_uw_p90 REAL NOT NULL,\n"
    "  limiting_pulse TEXT NOT NULL, -- ends the charge, else pulls lowest\n"
    "  busy_s REAL NOT NULL, -- of a period, mean\n"
    "  asleep_s REAL NOT NULL\n"
    ") STRICT;\n",

    "CREATE TABLE run_compute ( -- what a scenario computes beside the run's own target\n"
    "  run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,\n"
    "  position INTEGER NOT NULL,\n"
    "  name TEXT NOT NULL, -- as the scenario calls it\n"
    "  compute_run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE, -- its counts\n"
    "  PRIMARY KEY (run_id, position)\n"
    ") STRICT, WITHOUT ROWID;\n",

    "CREATE TABLE life_step ( -- steps of a scenario\n"
    "  run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,\n"
    "  position INTEGER NOT NULL,\n"
    "  name TEXT NOT NULL,\n"
    "  kind TEXT NOT NULL, -- sensor, compute, infer, radio, display, wait, standby, wake, sleep\n"
    "  what TEXT NOT NULL, -- sensor, model, radio, sleep mode\n"
    "  times REAL NOT NULL, -- per period: repetition x probability\n"
    "  duration_s REAL NOT NULL, -- once\n"
    "  beside INTEGER NOT NULL, -- 1 = runs beside the steps behind it\n"
    "  uj REAL NOT NULL, -- once, at the chip's supply\n"
    "  uw REAL NOT NULL, -- mean\n"
    "  peak_ma REAL NOT NULL,\n"
    "  PRIMARY KEY (run_id, position)\n"
    ") STRICT, WITHOUT ROWID;\n",

    "CREATE TABLE spread ( -- the inputs that contribute most to an interval\n"
    "  run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,\n"
    "  of TEXT NOT NULL, -- energy, life\n"
    "  position INTEGER NOT NULL,\n"
    "  input TEXT NOT NULL,\n"
    "  share REAL NOT NULL, -- of the variance of the logarithm\n"
    "  PRIMARY KEY (run_id, of, position)\n"
    ") STRICT, WITHOUT ROWID;\n",

    "CREATE TABLE stream ( -- sending the raw data instead of computing\n"
    "  run_id INTEGER PRIMARY KEY REFERENCES run ON DELETE CASCADE,\n"
    "  radio TEXT NOT NULL,\n"
    "  raw_bytes_per_period REAL NOT NULL,\n"
    "  infer_uj REAL NOT NULL, -- computing, per period\n"
    "  result_uj REAL NOT NULL, -- sending the result\n"
    "  stream_uj REAL NOT NULL, -- sending the raw data\n"
    "  possible INTEGER NOT NULL,\n"
    "  why_not TEXT NOT NULL,\n"
    "  break_even_bytes REAL NOT NULL, -- sending fewer is cheaper\n"
    "  break_even_uj REAL NOT NULL, -- computing for less is cheaper\n"
    "  average_uw REAL NOT NULL, -- with streaming\n"
    "  days_p10 REAL NOT NULL,\n"
    "  days_p50 REAL NOT NULL,\n"
    "  days_p90 REAL NOT NULL\n"
    ") STRICT;\n",

    "CREATE TABLE harvest ( -- energy income\n"
    "  run_id INTEGER PRIMARY KEY REFERENCES run ON DELETE CASCADE,\n"
    "  harvester TEXT NOT NULL,\n"
    "  unit TEXT NOT NULL, -- of level and neutral_at\n"
    "  level REAL NOT NULL,\n"
    "  hours_per_day REAL NOT NULL,\n"
    "  income_uw_p10 REAL NOT NULL, -- into the battery, mean over a day\n"
    "  income_uw_p50 REAL NOT NULL,\n"
    "  income_uw_p90 REAL NOT NULL,\n"
    "  neutral_at_p10 REAL NOT NULL, -- level that carries the load; infinite = none does\n"
    "  neutral_at_p50 REAL NOT NULL,\n"
    "  neutral_at_p90 REAL NOT NULL,\n"
    "  store_uj_needed REAL NOT NULL, -- for the hours without\n"
    "  neutral INTEGER NOT NULL\n"
    ") STRICT;\n",

    "CREATE TABLE input ( -- figures that energy and life rest on\n"
    "  run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,\n"
    "  position INTEGER NOT NULL,\n"
    "  file TEXT NOT NULL,\n"
    "  key TEXT NOT NULL, -- carries the unit\n"
    "  value REAL NOT NULL,\n"
    "  rsd REAL NOT NULL, -- relative standard deviation\n"
    "  verified INTEGER NOT NULL,\n"
    "  source TEXT NOT NULL,\n"
    "  PRIMARY KEY (run_id, position)\n"
    ") STRICT, WITHOUT ROWID;\n",

    "CREATE VIEW v_step AS -- one row per step of a run with a scenario\n"
    "  SELECT s.run_id, r.model_name AS model, r.mcu, r.scenario, s.position AS step, s.name,\n"
    "    s.kind, s.what, s.times, s.duration_s, s.beside, s.uj, s.uw, s.peak_ma\n"
    "  FROM life_step AS s JOIN run AS r USING (run_id);\n",

    "CREATE VIEW v_input AS -- one row per figure that a run rests on\n"
    "  SELECT i.run_id, r.model_name AS model, r.mcu, i.file, i.key, i.value, i.rsd, i.verified,\n"
    "    i.source\n"
    "  FROM input AS i JOIN run AS r USING (run_id);\n",

    "DROP VIEW v_run;\n",

    "CREATE VIEW v_run AS -- one row per run, with everything people ask for; no days\n"
    "  -- for computations of scenarios, which have no battery\n"
    "  SELECT r.run_id, r.created_utc, r.model_name AS model, r.mcu, r.core,\n"
    "    r.clock_hz / 1e6 AS mhz, r.vdd_v, r.kernels, r.invocations, r.macs,\n"
    "    s.instructions, s.cycles, s.fetch_stall_cycles, s.data_stall_cycles,\n"
    "    CAST(s.cycles AS REAL) / nullif(s.instructions, 0) AS cpi,\n"
    "    CAST(s.cycles AS REAL) / nullif(r.macs, 0) AS cycles_per_mac,\n"
    "    r.latency_s * 1e3 AS latency_ms,\n"
    "    r.energy_uj_p50 AS energy_uj, r.energy_uj_p10, r.energy_uj_p90,\n"
    "    r.energy_uj_p50 * 1e6 / nullif(r.macs, 0) AS pj_per_mac,\n"
    "    r.arena_bytes, r.stack_bytes, r.ram_used_bytes, r.flash_used_bytes,\n"
    "    r.battery, r.scenario, r.every_s, r.temperature_c, nullif(r.average_uw, 0) AS "
    "average_uw,\n"
    "    CASE WHEN r.battery <> '' THEN r.days_p50 END AS days,\n"
    "    CASE WHEN r.battery <> '' THEN r.days_p10 END AS days_p10,\n"
    "    CASE WHEN r.battery <> '' THEN r.days_p90 END AS days_p90, r.limited_by,\n"
    "    r.target_path, r.target_sha256, r.output_sha256, r.version\n"
    "  FROM run AS r LEFT JOIN (\n"
    "    SELECT run_id, sum(instructions) AS instructions, sum(cycles) AS cycles,\n"
    "      sum(fetch_stall_cycles) AS fetch_stall_cycles,\n"
    "      sum(data_stall_cycles) AS data_stall_cycles\n"
    "    FROM scope GROUP BY run_id) AS s USING (run_id);\n",

    "CREATE INDEX run_compute_of ON run_compute (compute_run_id);\n",
    NULL};

static const char *const *const migrations[] = {tables, views, details, causes, ranges, scenarios};

#define SCHEMA_VERSION ((int)(sizeof migrations / sizeof migrations[0]))

int store_schema_version(void)
{
    return SCHEMA_VERSION;
}

enum cc_status store_migrate(struct report_store *store, int from, struct cc_error *err)
{
    char pragmas[96];
    for (int version = from; version < SCHEMA_VERSION; version++) {
        for (const char *const *sql = migrations[version]; *sql; sql++) {
            enum cc_status status = store_exec(store, *sql, "set up its tables", err);
            if (status != CC_OK)
                return status;
        }
    }
    snprintf(pragmas, sizeof pragmas, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             STORE_APPLICATION_ID, SCHEMA_VERSION);
    return store_exec(store, pragmas, "write its version", err);
}
