// Who is there, and what the page has loaded that several pages show.
import { api, Refusal, type Me, type Queue, type Status } from "./api";

class Session {
  me = $state.raw<Me | null>(null);
  status = $state.raw<Status | null>(null);
  queue = $state.raw<Queue | null>(null);
  needsToken = $state(false);
  problem = $state("");

  async load(): Promise<void> {
    try {
      this.me = await api.me();
      this.needsToken = false;
      this.problem = "";
      if (this.me.watches) [this.queue, this.status] = await Promise.all([api.queue(), api.status()]);
    } catch (error) {
      this.fail(error);
    }
  }

  async reload(): Promise<void> {
    try {
      [this.queue, this.status] = await Promise.all([api.queue(), api.status()]);
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error: unknown): void {
    if (error instanceof Refusal && error.status === 401) this.needsToken = true;
    else this.problem = error instanceof Error ? error.message : String(error);
  }
}

export const session = new Session();
export const told = (error: unknown): string => (error instanceof Error ? error.message : String(error));
