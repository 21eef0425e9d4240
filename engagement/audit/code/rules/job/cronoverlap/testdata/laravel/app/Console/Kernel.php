<?php

namespace App\Console;

use Illuminate\Console\Scheduling\Schedule;

class Kernel
{
    protected function schedule(Schedule $schedule)
    {
        $schedule->command('orders:sync')->onOneServer()->everyFiveMinutes(); // want: job.cron-overlap
        $schedule->command('orders:close')->everyMinute()->withoutOverlapping();
        $schedule->command(SyncStock::class)->everyThirtyMinutes(); // want: job.cron-overlap
        $schedule->command('orders:import')->everyThirtyMinutes()->withoutOverlapping(10); // want: job.cron-overlap
        $schedule->command('orders:export')->everyThirtyMinutes()->withoutOverlapping(90);
        $schedule->command(ExpireCarts::class)->everyThirtyMinutes();
        $schedule->command('carts:forget --all')->everyThirtyMinutes();
        $schedule->command('orders:report')->daily();
        $schedule->job(new Ping)->everyMinute();
        $schedule->command('horizon:snapshot')->everyFiveMinutes();
    }
}
