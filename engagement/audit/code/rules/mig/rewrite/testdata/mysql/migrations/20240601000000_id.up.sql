ALTER TABLE events MODIFY id bigint AUTO_INCREMENT; -- want: mig.rewrite
