<?php

namespace App\Console;

use Illuminate\Console\Scheduling\Schedule;

class Kernel
{
    protected function schedule(Schedule $schedule)
    {
        $schedule->command('orders:sync')->onOneServer()->everyFiveMinutes(); // want: job.cron-overlap
        $schedule->command('orders:close')->everyMinute()->withoutOverlapping();
        $schedule->command('orders:report')->daily();
        $schedule->job(new Ping)->everyMinute();
        $schedule->command('horizon:snapshot')->everyFiveMinutes();
    }
}
