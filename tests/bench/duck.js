// duck.js CSV OUT THREADS: DuckDB's counts a client, name and hour as Parquet (zstd), the nearest
// thing to a case that it writes. Prints one number: how many groups there were.
const { DuckDBInstance } = require(process.env.DUCKDB_API);

async function main() {
  const [csv, out, threads] = process.argv.slice(2);
  const db = await DuckDBInstance.create(":memory:", { threads, preserve_insertion_order: "false" });
  const link = await db.connect();
  await link.run(`COPY (
      SELECT client_ip, qname, date_trunc('hour', timestamp) AS hour, count(*) AS n
      FROM read_csv('${csv}', header = true, columns = {timestamp: 'TIMESTAMP',
        client_ip: 'VARCHAR', qname: 'VARCHAR', qtype: 'VARCHAR', rcode: 'VARCHAR'})
      GROUP BY ALL) TO '${out}' (FORMAT parquet, COMPRESSION zstd)`);
  const groups = await link.runAndReadAll(`SELECT count(*)::INTEGER FROM '${out}'`);
  console.log(groups.getRows()[0][0]);
}

main();
