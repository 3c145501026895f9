// SPDX-License-Identifier: GPL-3.0-or-later

type Answer =
  | Partial<Electron.MessageBoxReturnValue>
  | Partial<Electron.OpenDialogReturnValue>
  | Partial<Electron.SaveDialogReturnValue>;
type Kind = 'message' | 'open' | 'save' | 'error' | 'certificate';

export interface RecordedDialog {
  readonly kind: Kind;
  readonly options: object;
}

/**
 * `dialog`: nobody can click, so each dialog is recorded and answered at once: by the next of
 * `answers`, else as if it had been dismissed. A test may also replace a function, as with Electron.
 */
export class Dialog {
  readonly shown: RecordedDialog[] = [];
  readonly answers: Answer[] = [];

  async showMessageBox(...args: readonly object[]): Promise<Electron.MessageBoxReturnValue> {
    const { cancelId, defaultId } = this.#record('message', args) as Electron.MessageBoxOptions;
    return { response: cancelId ?? defaultId ?? 0, checkboxChecked: false, ...this.#answer() };
  }

  showMessageBoxSync(...args: readonly object[]): number {
    const { cancelId, defaultId } = this.#record('message', args) as Electron.MessageBoxSyncOptions;
    const dismissed = { response: cancelId ?? defaultId ?? 0 };
    return { ...dismissed, ...(this.#answer() as { readonly response?: number }) }.response;
  }

  async showOpenDialog(...args: readonly object[]): Promise<Electron.OpenDialogReturnValue> {
    this.#record('open', args);
    return { canceled: true, filePaths: [], ...this.#answer() };
  }

  async showSaveDialog(...args: readonly object[]): Promise<Electron.SaveDialogReturnValue> {
    this.#record('save', args);
    return { canceled: true, filePath: '', ...this.#answer() };
  }

  async showCertificateTrustDialog(...args: readonly object[]): Promise<void> {
    this.#record('certificate', args);
  }

  showErrorBox(title: string, content: string): void {
    this.#record('error', [{ title, content }]);
    process.stderr.write(`[dialog] ${title}: ${content}\n`);
  }

  /** A window may come first, the options are last. */
  #record(kind: Kind, args: readonly object[]): object {
    const options = args.at(-1) ?? {};
    this.shown.push({ kind, options });
    return options;
  }

  #answer(): Answer {
    return this.answers.shift() ?? {};
  }
}

// The overloads of Electron are checked here once: each of them must be callable on the double.
type Checked = Pick<
  Electron.Dialog,
  | 'showCertificateTrustDialog'
  | 'showErrorBox'
  | 'showMessageBox'
  | 'showMessageBoxSync'
  | 'showOpenDialog'
  | 'showSaveDialog'
>;
export const createDialog = (): Dialog => new Dialog() satisfies Checked;
