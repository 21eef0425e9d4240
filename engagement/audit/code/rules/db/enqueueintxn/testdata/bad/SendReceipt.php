<?php

namespace App\Jobs;

class SendReceipt implements ShouldQueue
{
    public function handle(): void
    {
    }
}
