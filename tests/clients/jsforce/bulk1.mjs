// Bulk API 1.0: XML jobs with CSV batches.
import { connect, refusal, tell } from "./org.mjs";

const conn = connect();
conn.bulk.pollInterval = 50;
conn.bulk.pollTimeout = 20000;

const inserted = await conn.bulk.load("Account", "insert", [
  { Name: "J1 one", Phone: "1" },
  { Name: "J1 two", Phone: "1" },
  { Name: "", Phone: "no name" },
]);
const ids = inserted.filter((row) => row.success).map((row) => row.id);
const updated = await conn.bulk.load("Account", "update", [
  { Id: ids[0], Phone: null },
  { Id: ids[1], Phone: "2" },
]);
const upserted = await conn.bulk.load("Account", "upsert", { extIdField: "ERP_Key__c" }, "ERP_Key__c,Name\nJ1-1,J1 three\n");

const job = conn.bulk.createJob("Account", "insert");
const opened = await job.open();
const batch = job.createBatch();
batch.execute([{ Name: "J1 four" }]);
await new Promise((resolve, reject) => {
  batch.on("error", reject);
  batch.on("queue", () => {
    batch.poll(50, 20000);
    batch.on("response", resolve);
  });
});
const batches = await job.list();
const stepped = await batch.retrieve();
const { id } = opened;
const closed = await job.close();
const checked = await conn.bulk.job(id).check();

const soql = "SELECT Name, Phone FROM Account WHERE Name LIKE 'J1 %' ORDER BY Name";
const found = await (await conn.bulk.query(soql)).toArray();
const byQuery = await conn
  .sobject("Account")
  .find({ Name: "J1 two" })
  .destroy({ allowBulk: true, bulkThreshold: 0, bulkApiVersion: 1 });
const left = await (await conn.bulk.query(soql)).toArray();

tell({
  inserted,
  updated,
  upserted,
  opened: [opened.operation, opened.object, opened.state],
  batches: batches.map((info) => [info.state, info.numberRecordsProcessed]),
  stepped,
  closed: closed.state,
  checked: [checked.state, checked.numberBatchesCompleted],
  found,
  byQuery: byQuery.map((row) => row.success),
  left: left.map((row) => row.Name),
  object: await refusal(conn.bulk.load("Nothing__c", "insert", [{ Name: "x" }])),
  session: await refusal(connect({ accessToken: "wrong" }).bulk.load("Account", "insert", [{ Name: "x" }])),
});
