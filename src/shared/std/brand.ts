// SPDX-License-Identifier: GPL-3.0-or-later

declare const brand: unique symbol;

/** A `T` that passed the check its name promises. Only the constructor that checks may cast. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
