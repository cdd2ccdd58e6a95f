// The served org for a scenario: where it is, a connection to it, and a line of JSON for the test that runs the scenario.
import { createRequire } from "node:module";

const { ORG_URL, ORG_TOKEN, CLIENTS } = process.env;

export const jsforce = createRequire(`${CLIENTS}/package.json`)("jsforce");
export const url = ORG_URL;
export const version = "66.0";
export const data = `/services/data/v${version}`;

// A connection as a program opens one that holds a session already.
export const connect = (more = {}) =>
  new jsforce.Connection({ instanceUrl: ORG_URL, accessToken: ORG_TOKEN, version, ...more });

export const tell = (result) => console.log(JSON.stringify(result));

// What jsforce makes of a refusal.
export const refusal = async (promise) => {
  try {
    return { resolved: await promise };
  } catch (error) {
    return { name: error.name, errorCode: error.errorCode, message: error.message, data: error.data };
  }
};
