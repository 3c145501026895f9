// SPDX-License-Identifier: GPL-3.0-or-later

import {
  Bell,
  CircleUser,
  HeartPulse,
  Info,
  LockKeyhole,
  MessageCircle,
  MessageCircleDashed,
  MonitorSmartphone,
  SunMoon,
} from '@lucide/vue';
import type { Component } from 'vue';
import AboutSection from './AboutSection.vue';
import AccountSection from './AccountSection.vue';
import AppearanceSection from './AppearanceSection.vue';
import DeviceSection from './DeviceSection.vue';
import HealthSection from './HealthSection.vue';
import LockingSection from './LockingSection.vue';
import MessagesSection from './MessagesSection.vue';
import NotificationsSection from './NotificationsSection.vue';
import OffTheRecordSection from './OffTheRecordSection.vue';

export const sectionNames = [
  'account',
  'device',
  'off-the-record',
  'health',
  'messages',
  'notifications',
  'appearance',
  'locking',
  'about',
] as const;

export type SectionName = (typeof sectionNames)[number];

interface Section {
  readonly icon: Component;
  readonly page: Component;
}

export const sections: Readonly<Record<SectionName, Section>> = {
  account: { icon: CircleUser, page: AccountSection },
  device: { icon: MonitorSmartphone, page: DeviceSection },
  'off-the-record': { icon: MessageCircleDashed, page: OffTheRecordSection },
  health: { icon: HeartPulse, page: HealthSection },
  messages: { icon: MessageCircle, page: MessagesSection },
  notifications: { icon: Bell, page: NotificationsSection },
  appearance: { icon: SunMoon, page: AppearanceSection },
  locking: { icon: LockKeyhole, page: LockingSection },
  about: { icon: Info, page: AboutSection },
};

export const isSection = (name: string): name is SectionName =>
  sectionNames.some((known) => known === name);
